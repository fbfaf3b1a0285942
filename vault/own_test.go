package vault

import (
	"context"
	"errors"
	"slices"
	"testing"

	"signet/vault/entry"
	"signet/vault/secret"
)

// What an update keeps on this device stands before the segment that speaks of it: whatever a crash leaves, no record names a key that is not there, and what
// was acknowledged is there as a whole.
func TestI10AnUpdateOfThisDeviceSurvives(t *testing.T) {
	t.Parallel()
	name, wanted := BoundName([]byte("credential")), secret.FromString("a private key")
	act := func(v *Vault) error {
		_, err := v.Update(context.Background(), func(w Within) ([]Edit, error) {
			if err := w.PutBound(name, wanted); err != nil {
				return nil, err
			}
			return []Edit{entry.Set(recID(1), "subtitle", "has a key")}, w.Put("authenticator", []byte("misses 1"))
		})
		return err
	}
	crashPoints(t, settled(t), 4, act, func(c *world, when string, done bool) {
		v, err := c.tryOpen()
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		defer v.Close()
		e, err := v.Entry(context.Background(), recID(1), View{})
		must(t, err)
		key, kerr := v.Local().Bound(name)
		if e.Subtitle == "has a key" && (kerr != nil || !key.Equal(wanted)) {
			t.Errorf("%s: the record is there without its key: %v", when, kerr)
		}
		if kerr != nil && !errors.Is(kerr, ErrNotFound) {
			t.Errorf("%s: half a key: %v", when, kerr)
		}
		blob, berr := v.Local().Get("authenticator")
		if berr != nil || done && (string(blob) != "misses 1" || e.Subtitle != "has a key") {
			t.Errorf("%s: %q, %v, subtitle %q", when, blob, berr, e.Subtitle)
		}
	})
}

// A row of the request log is there once AddRequest has returned, and what was there before stays.
func TestI10ARequestSurvives(t *testing.T) {
	t.Parallel()
	w := settled(t)
	v := w.open()
	must(t, v.Local().AddRequest(t.Context(), []byte("first")))
	must(t, v.Close())
	crashPoints(t, w, 4, func(v *Vault) error { return v.Local().AddRequest(context.Background(), []byte("second")) }, func(c *world, when string, done bool) {
		v, err := c.tryOpen()
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		defer v.Close()
		rows, err := v.Local().Requests(0)
		var got []string
		for _, r := range rows {
			got = append(got, string(r.Data))
		}
		if err != nil || len(got) == 0 || got[len(got)-1] != "first" || done && !slices.Equal(got, []string{"second", "first"}) {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	})
}

// What is in bound/ is refused from another hand and under the name of another (I17).
func TestI17BoundKeysOfOthersAreRefused(t *testing.T) {
	w := newWorld(t)
	v := w.open()
	a, b := BoundName([]byte("a")), BoundName([]byte("b"))
	put := func(v *Vault, name string) {
		_, err := v.Update(t.Context(), func(w Within) ([]Edit, error) { return nil, w.PutBound(name, secret.FromString(name)) })
		must(t, err)
	}
	put(v, a)
	raw, err := v.m.Read(boundDir+"/"+a+".age", maxBound)
	must(t, err)
	must(t, v.m.Replace(boundDir+"/"+b+".age", bytesWriter(raw)))
	if _, err := v.Local().Bound(b); !errors.Is(err, ErrCorrupt) {
		t.Errorf("under the name of another: %v", err)
	}
	other := newWorld(t).open()
	put(other, a)
	raw, err = other.m.Read(boundDir+"/"+a+".age", maxBound)
	must(t, err)
	must(t, v.m.Replace(boundDir+"/"+a+".age", bytesWriter(raw)))
	if _, err := v.Local().Bound(a); !errors.Is(err, ErrCorrupt) {
		t.Errorf("of another vault: %v", err)
	}
	for _, bad := range []string{"", "../heads", "a", a + "x", "AUTHENTICATOR"} {
		if _, err := v.Local().Bound(bad); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
