package tui

import (
	"slices"
	"strings"
	"testing"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/vault/entry"
	"signet/vault/secret"
)

// sampleValue is a value that fits a member's type and can be told apart in a picture.
func sampleValue(m entry.MemberSpec) string {
	short := strings.ReplaceAll(strings.TrimPrefix(m.Name, "signet:"), "-", "")
	switch m.Type {
	case entry.TypeDate:
		return "2027-11-05"
	case entry.TypeYearMonth:
		return "2027-11"
	case entry.TypeNumber:
		return "7341"
	case entry.TypeBoolean:
		return "true"
	}
	if m.Concealed() {
		return "hush-" + short
	}
	return "see-" + short
}

// everyKind has one entry for every credential type of the schema, each with every member.
func everyKind(_ *Options, op *tuitest.Opener) {
	v := tuitest.NewVault(op.Vault.Clock)
	for i, spec := range entry.Specs() {
		c := entry.Credential{Type: spec.Name}
		for _, m := range spec.Members {
			c.Members = append(c.Members, entry.Member{Name: m.Name, Value: secret.FromString(sampleValue(m))})
		}
		c.Fields = []entry.Member{
			{Label: "open", Type: entry.TypeString, Value: secret.FromString("custom-open")},
			{Label: "closed", Type: entry.TypeConcealed, Value: secret.FromString("hush-custom")},
		}
		v.Add(entry.Entry{ID: tuitest.ID(byte(i)), Title: "Entry " + spec.Name, Credentials: []entry.Credential{c}})
	}
	unknown := entry.Credential{Type: "future-thing", Members: []entry.Member{{Name: "secretOfTheFuture", Value: secret.FromString("hush-future")}}}
	v.Add(entry.Entry{ID: tuitest.ID(99), Title: "Entry future", Credentials: []entry.Credential{unknown}})
	op.Vault = v
}

// Every credential type is shown by the schema: what may be read is there, what is concealed is not, until it is asked for.
func TestEveryTypeIsShown(t *testing.T) {
	t.Parallel()
	for i, spec := range entry.Specs() {
		t.Run(spec.Name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 120, 60, everyKind, opened).want("18")
			id := tuitest.ID(byte(i))
			d.send(screen.OpenEntry{ID: id})
			d.want("custom-open", "closed")
			if spec.Name != entry.TOTP && d.is("hush-") {
				t.Fatalf("a concealed value is shown unasked:\n%s", d.picture())
			}
			for _, m := range spec.Members {
				if spec.Name == entry.File || slices.Contains([]string{"userHandle", "credentialId"}, m.Name) {
					continue
				}
				want := sampleValue(m)
				switch {
				case m.Name == entry.PasskeyDiscoverable: // in words
					want = "works without a user name"
				case m.Type == entry.TypeBoolean:
					want = "yes"
				}
				if !m.Concealed() && !d.is(want) {
					t.Errorf("%s is not shown:\n%s", m.Name, d.picture())
				}
			}
			d.keys("a").want("hush-custom").keys("a").gone("hush-")
		})
	}
}

func TestWhatNobodyKnowsIsConcealed(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 60, everyKind, opened).want("18")
	d.send(screen.OpenEntry{ID: tuitest.ID(99)})
	d.want("future-thing", "secretOfTheFuture")
	if d.is("hush-future") {
		t.Error("a member of an unknown type may be a secret")
	}
	d.keys("a").want("hush-future")
}

// Opening a form and saving it writes nothing; changing one field writes that field and no other, for every type of the schema.
func TestFormsWriteOnlyWhatWasChanged(t *testing.T) {
	t.Parallel()
	for i, spec := range entry.Specs() {
		if len(spec.Members) == 0 || slices.Contains([]string{entry.Passkey, entry.File, entry.TOTP}, spec.Name) {
			continue // nobody types these
		}
		t.Run(spec.Name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 120, 60, everyKind, opened).want("18")
			id := tuitest.ID(byte(i))
			before := d.fields(id)
			d.send(screen.OpenEdit{ID: id})
			d.want("Edit Entry").keys("ctrl+x s").want("type to search")
			if after := d.fields(id); !same(before, after) {
				t.Fatalf("saving an untouched form wrote %v", diff(before, after))
			}
			d.send(screen.OpenEdit{ID: id})
			d.want("Edit Entry")
			d.focusTitle().typed("!").keys("ctrl+x s").want("is saved")
			if got := diff(before, d.fields(id)); len(got) != 1 || got[0] != "title" {
				t.Errorf("changing the title wrote %v", got)
			}
		})
	}
}

// focusTitle goes to the first field of the form.
func (d *driver) focusTitle() *driver {
	d.t.Helper()
	for range 40 {
		if strings.Contains(d.picture(), "▸ Title") {
			return d.keys("end")
		}
		d.keys("shift+tab")
	}
	d.t.Fatalf("there is no title:\n%s", d.picture())
	return d
}

// fields reads every live value of a record, history left out.
func (d *driver) fields(id entry.ID) map[string]string {
	d.t.Helper()
	e, err := d.vault.Get(d.t.Context(), id, false)
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]string{}
	for path := range e.Dots {
		if strings.HasPrefix(path, "hist/") {
			continue
		}
		c, err := d.vault.Field(d.t.Context(), entry.FieldRef{Record: id, Path: path})
		if err != nil {
			d.t.Fatal(err)
		}
		out[path] = c[0].Value.RevealString()
	}
	return out
}

func same(a, b map[string]string) bool { return len(diff(a, b)) == 0 }

// diff lists the paths whose values differ.
func diff(a, b map[string]string) (paths []string) {
	for p, v := range a {
		if w, ok := b[p]; !ok || v != w {
			paths = append(paths, p)
		}
	}
	for p := range b {
		if _, ok := a[p]; !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}
