package exporter_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
)

const bitwardenLogin = `{"id":"%d","type":1,"name":"Site %d","folderId":"f","favorite":false,"fields":[],"login":{"username":"user%d","password":"p-%d","uris":[{"uri":"https://site%d.example","match":null}]}}`

func bitwardenStream(n int) io.Reader {
	item := formattest.Numbered(bitwardenLogin)
	return formattest.Stream(`{"encrypted":false,"folders":[{"id":"f","name":"All"}],"items":[`, n, func(i int) string {
		if i == 0 {
			return item(i)
		}
		return "," + item(i)
	}, "]}")
}

func TestBitwarden(t *testing.T) {
	formattest.Run(t, formattest.Suite{
		Format: format(t, "bitwarden-json"), Samples: "testdata/bitwarden-json", TellsEnd: true, Stream: bitwardenStream,
		Secrets: []string{"p@ss", "h1dden", "JBSWY3DP", "4111", "MIGHAgEA", "b3BlbnNza", "secret", "QQ123456C", "9999"},
		BigItem: formattest.Zeros(`{"encrypted":false,"items":[{"id":"1","type":1,"name":"`, exporter.MaxItemBytes+1<<17, `"}]}`),
	})
}

func TestBitwardenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       error
		says       string
	}{
		{"protected by a password", `{"encrypted":true,"passwordProtected":true,"salt":"x","kdfType":0,"data":"2.x|y|z"}`, exporter.ErrEncrypted, "password"},
		{"protected by a password, told late", `{"data":"2.x|y|z","encKeyValidation_DO_NOT_EDIT":"2.x","salt":"x"}`, exporter.ErrEncrypted, "password"},
		{"restricted to the account", `{"encrypted":true,"encKeyValidation_DO_NOT_EDIT":"2.a|b|c","folders":[],"items":[]}`, exporter.ErrEncrypted, "same Bitwarden account"},
		{"restricted, told behind the items", `{"items":[],"encrypted":true}`, exporter.ErrEncrypted, "same Bitwarden account"},
		{"restricted and new", `{"encrypted":true,"encKeyValidation_DO_NOT_EDIT":"7.abc"}`, exporter.ErrEncrypted, "same Bitwarden account"},
		{"neither items nor folders", `{"encrypted":false}`, exporter.ErrUnsupported, "neither items nor folders"},
		{"an item that is none", `{"encrypted":false,"items":[{"id":"1","type":1,"name":"a"},7]}`, exporter.ErrDamaged, "item 2"},
		{"items that are no list", `{"encrypted":false,"items":{}}`, exporter.ErrDamaged, "items is no list"},
		{"something behind the end", `{"encrypted":false,"items":[]}{}`, exporter.ErrDamaged, "follows its end"},
		{"too deep", `{"encrypted":false,"items":[{"id":"1","type":1,"name":"a","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]}`, exporter.ErrUnsupported, "nested deeper"},
		{"broken", `{"encrypted":false,"items":[{"id":"1","type":1,"name":"secret value" "x"}]}`, exporter.ErrDamaged, "at byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := formattest.NewVault().Import(format(t, "bitwarden-json"), strings.NewReader(c.text))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "secret value") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

// TestBitwardenFileMember: what belongs to no item can be kept nowhere, and is named.
func TestBitwardenFileMember(t *testing.T) {
	t.Parallel()
	rep := formattest.NewVault().ImportString(t, format(t, "bitwarden-json"), `{"encrypted":false,"sends":[{"text":"x"}],"nothing":null,"items":[{"id":"1","type":2,"name":"a","notes":"b"}]}`)
	if !rep.Lossy() || rep.Items != 1 || len(rep.Rows) != 1 || rep.Rows[0].Losses[0].Field != "sends" {
		t.Errorf("%s", formattest.DumpReport(rep))
	}
}

// TestBitwardenManyMembers: members are found, told apart and kept, however many a stranger's object has.
func TestBitwardenManyMembers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, `"new%d":%d,"notes":"the note %d",`, i, i, i)
	}
	v := formattest.NewVault()
	v.ImportString(t, format(t, "bitwarden-json"), `{"encrypted":false,"items":[{"id":"1","type":2,`+b.String()+`"name":"many","\u0000long`+strings.Repeat("x", 600)+`":"kept"}]}`)
	e := v.Entry(t, "many")
	kept := map[string]string{}
	for _, s := range e.Sources {
		kept[s.Name] = s.Value.RevealString()
	}
	if text1(e, vault.Note, "content") != "the note 199" || kept["new0"] != "0" || kept["new199"] != "199" || kept["notes#199"] != "the note 198" || len(kept) != 2+200+199+1 {
		t.Errorf("note %q, %d sources", text1(e, vault.Note, "content"), len(kept))
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if got := exporter.Names(false); !slices.Equal(got, []string{"bitwarden-json", "chrome-csv", "signet-json"}) {
		t.Errorf("to read: %q", got)
	}
	if got := exporter.Names(true); !slices.Equal(got, []string{"signet-json"}) {
		t.Errorf("to write: %q", got)
	}
	if _, err := exporter.ByName("nothing"); !errors.Is(err, exporter.ErrUnknownFormat) {
		t.Errorf("%v", err)
	}
	if f, err := exporter.ByName("Bitwarden-JSON"); err != nil || f.Label != "Bitwarden JSON" {
		t.Errorf("%v", err)
	}
}
