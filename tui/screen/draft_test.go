package screen

import (
	"reflect"
	"testing"
	"time"

	"signet/vault/secret"
)

func someDraft() Draft {
	return Draft{
		ID: "abc123", Entry: "e", New: true, Kind: "login", Title: "GitHub — 例", Saved: time.UnixMilli(1773500952000), Focus: "password",
		Added:  []DraftPart{{What: "url"}, {"field", "x", "PIN"}},
		Fields: []DraftField{{ID: "password", Name: "basic-auth.password", Label: "Password", Value: secret.FromString("canary-1\x00\n")}, {ID: "favorite", On: true}},
		Base:   map[string]string{"cred/a/password": "fake000000000001.3", "title": ""},
	}
}

func bare(d Draft) (out Draft, values []string) {
	for _, f := range d.Fields {
		values = append(values, f.Value.RevealString())
		f.Value = secret.Secret{}
		out.Fields = append(out.Fields, f)
	}
	d.Fields = out.Fields
	return d, values
}

func TestADraftComesBackAsItWas(t *testing.T) {
	t.Parallel()
	data := someDraft().Encode()
	got, err := DecodeDraft(data)
	if err != nil {
		t.Fatal(err)
	}
	want, wantValues := bare(someDraft())
	have, values := bare(got)
	if !reflect.DeepEqual(want, have) || !reflect.DeepEqual(values, wantValues) {
		t.Errorf("got %+v %q, want %+v %q", have, values, want, wantValues)
	}
	if cap(data.Reveal()) != len(data.Reveal()) {
		t.Error("the buffer has room behind it: it grew, and left copies")
	}
	data.Wipe()
	if _, values := bare(got); values[0] != "canary-1\x00\n" {
		t.Error("the draft shares its secrets with the buffer")
	}
	got.Wipe()
	if _, values := bare(got); values[0] != "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("after the wipe: %q", values)
	}
}

func TestADamagedDraftIsRefused(t *testing.T) {
	t.Parallel()
	whole := someDraft().Encode().Reveal()
	for n := range whole {
		if _, err := DecodeDraft(secret.New(append([]byte(nil), whole[:n]...))); err == nil {
			t.Errorf("cut to %d of %d bytes it was read", n, len(whole))
		}
	}
	for name, text := range map[string]string{
		"empty": "", "something behind it": string(whole) + "x", "another version": "signet draft 2\n" + string(whole[len(draftHead):]),
		"endless number": draftHead + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "long spelling": draftHead + "\x80\x00",
	} {
		if _, err := DecodeDraft(secret.FromString(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// Whatever is read as a draft is written as the same bytes, and nothing makes the reader panic or take much memory.
func FuzzDraft(f *testing.F) {
	f.Add(someDraft().Encode().Reveal())
	f.Add([]byte(draftHead))
	f.Add(Draft{}.Encode().Reveal())
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := DecodeDraft(secret.New(append([]byte(nil), data...)))
		if err != nil {
			return
		}
		again, err := DecodeDraft(d.Encode())
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		a, av := bare(d)
		b, bv := bare(again)
		if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(av, bv) {
			t.Errorf("%+v became %+v", a, b)
		}
	})
}
