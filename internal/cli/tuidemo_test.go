package cli

import (
	"os"
	"strings"
	"testing"

	"signet/internal/session"
	"signet/vault"
)

// The demo vault shows every kind of entry, every kind of credential that has a view of its own, and what lists are sorted by.
func TestTheDemoVaultShowsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	demo := &tuiDemo{a: d.app}
	v, err := demo.Open(t.Context())
	d.must(err)
	dir := demo.dir
	kinds, has, tags, folders := map[vault.Kind]bool{}, map[string]bool{}, false, false
	rows, err := v.Rows(t.Context(), false)
	d.must(err)
	for _, r := range rows {
		kinds[r.Kind] = true
		tags, folders = tags || len(r.Tags) > 0, folders || len(r.Folders) > 0
		e, err := v.(*tuiVault).s.Get(t.Context(), r.ID, session.GetOptions{Reveal: true, History: true})
		d.must(err)
		for _, c := range e.Credentials {
			has[c.Type] = true
			has["binding "+c.Text("signet:binding")] = true
			has["counter "+c.Text("signet:kind")] = true
		}
		has["history"] = has["history"] || len(e.History) > 0
	}
	for _, k := range vault.Kinds() {
		if k != vault.KindDocument && !kinds[k] {
			t.Errorf("no entry of kind %s", k)
		}
	}
	for _, want := range []string{vault.BasicAuth, vault.TOTP, vault.Passkey, vault.SSHKey, "custom-fields", vault.File, "binding synced", "binding device", "counter hotp", "history"} {
		if !has[want] {
			t.Errorf("nothing has %s", want)
		}
	}
	trash, err := v.Rows(t.Context(), true)
	if err != nil || len(trash) == 0 || !tags || !folders {
		t.Errorf("%d in the trash, tags %v, folders %v, %v", len(trash), tags, folders, err)
	}
	d.must(v.Lock(t.Context()))
	demo.close()
	if _, err := os.Stat(dir); !os.IsNotExist(err) || !strings.Contains(dir, "signet-demo-") {
		t.Errorf("%s is left behind: %v", dir, err)
	}
}
