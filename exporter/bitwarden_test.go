package exporter_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
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
