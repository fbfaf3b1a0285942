package exporter_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
)

// fixture returns a file that another program wrote. They are other projects' test data and do not belong into this repository.
func fixture(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SIGNET_FIXTURES")
	if dir == "" {
		t.Skip("no files of other programs: set SIGNET_FIXTURES=DIR to the folder that holds formats/ with them (formats/SOURCES.md lists what and where from)")
	}
	b, err := os.ReadFile(filepath.Join(dir, "formats", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func format(t testing.TB, name string) exporter.Format {
	t.Helper()
	f, err := exporter.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRealBitwarden(t *testing.T) {
	t.Parallel()
	text := fixture(t, "bitwarden/keepassxc-bitwarden_export.json")
	v := formattest.NewVault()
	rep := v.ImportString(t, format(t, "bitwarden-json"), text)
	if rep.Items != 4 || rep.Counts[exporter.Added] != 4 || rep.Lossy() {
		t.Errorf("%s", formattest.DumpReport(rep))
	}
	for title, folder := range map[string]string{"My Secure Note": "My Folder", "Card Name": "Second Folder", "My Identity": "My Folder", "Login Name": "My Folder"} {
		e := v.Entry(t, title)
		if len(e.Folders) != 1 || !slices.Equal(v.Folder(e.Folders[0]), []string{folder}) {
			t.Errorf("%s lies in %v", title, e.Folders)
		}
	}
	login := v.Entry(t, "Login Name")
	got := []string{text1(login, vault.BasicAuth, "username"), text1(login, vault.BasicAuth, "password"), text1(login, vault.Note, "content"), login.URLs[0].URL, login.URLs[1].URL, login.URLs[2].URL}
	want := []string{"myusername@gmail.com", "mypassword", "1st line of note text\n2nd Line of note text", "https://mail.google.com", "https://google.com", "https://gmail.com"}
	if !slices.Equal(got, want) || !login.Favorite {
		t.Errorf("login: %q", got)
	}
	c, _ := login.Credential(vault.TOTP)
	if key, err := c.TOTPKey(); err != nil || key.Issuer != "Google" || key.Account != "myusername@gmail.com" {
		t.Errorf("one-time code: %v %v", key, err)
	}
	if got := text1(v.Entry(t, "Card Name"), vault.CreditCard, "expiryDate"); got != "2021-10" {
		t.Errorf("the card expires %q", got)
	}
	who := v.Entry(t, "My Identity")
	if got := text1(who, vault.Address, "streetAddress"); got != " 1 North Calle Cesar Chavez " {
		t.Errorf("outer blanks: %q", got)
	}
}

func text1(e vault.Entry, typ, member string) string {
	c, _ := e.Credential(typ)
	return c.Text(member)
}

func TestRealBitwardenNested(t *testing.T) {
	t.Parallel()
	text := fixture(t, "bitwarden/keepassxc-bitwarden_nested_export.json")
	v := formattest.NewVault()
	rep := v.ImportString(t, format(t, "bitwarden-json"), text)
	if rep.Counts[exporter.Added] != 9 || rep.Items != 9 {
		t.Errorf("%s", formattest.DumpReport(rep))
	}
	var file struct {
		Folders []struct{ ID, Name string }
		Items   []struct{ Name, FolderID string }
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	records := map[string]vault.ID{}
	for _, f := range v.Records(vault.RecFolder) {
		for _, s := range f.Sources {
			if s.Name == "id" {
				records[s.Value.RevealString()] = f.ID
			}
		}
	}
	if len(records) != 6 || len(v.Records(vault.RecFolder)) != 6 {
		t.Errorf("%d folders of the file, %d in the vault", len(records), len(v.Records(vault.RecFolder)))
	}
	for _, f := range file.Folders {
		if got := strings.Join(v.Folder(records[f.ID]), "/"); got != f.Name {
			t.Errorf("folder %s has become %s", f.Name, got)
		}
	}
	for _, it := range file.Items {
		e := v.Entry(t, it.Name)
		if it.FolderID == "" && len(e.Folders) == 0 {
			continue
		}
		if len(e.Folders) != 1 || e.Folders[0] != records[it.FolderID] {
			t.Errorf("%s lies in %v, expected %v", it.Name, e.Folders, records[it.FolderID])
		}
	}
	if rep, edits, err := v.Import(format(t, "bitwarden-json"), strings.NewReader(text)); edits != 0 || err != nil {
		t.Errorf("a second import wrote %d edits: %v %s", edits, err, formattest.DumpReport(rep))
	}
}

func TestRealBitwardenPasskeys(t *testing.T) {
	t.Parallel()
	v := formattest.NewVault()
	v.ImportString(t, format(t, "bitwarden-json"), fixture(t, "bitwarden/keepassxc-bitwarden_passkey_export.json"))
	a, _ := v.Entry(t, "webauthn.io").Credential(vault.Passkey)
	b, _ := v.Entry(t, "webauthn.io b64").Credential(vault.Passkey)
	id, err := base64.RawURLEncoding.DecodeString(a.Text("credentialId"))
	if err != nil || len(id) != 16 || id[0] != 0xa3 || id[15] != 0x4f {
		t.Errorf("credential id %x, %v", id, err)
	}
	for _, m := range a.Members {
		if b.Text(m.Name) != m.Value.RevealString() {
			t.Errorf("%s differs between the two spellings", m.Name)
		}
	}
	der, err := base64.RawURLEncoding.DecodeString(a.Text("key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err != nil {
		t.Errorf("key: %v", err)
	}
	if a.Text("signet:created") != "2024-10-23T16:38:08.617Z" || a.Text("signet:binding") != "synced" || a.Text("signet:be")+a.Text("signet:bs") != "11" {
		t.Errorf("members: created %q, binding %q, flags %q %q", a.Text("signet:created"), a.Text("signet:binding"), a.Text("signet:be"), a.Text("signet:bs"))
	}
}

func TestRealBitwardenTimes(t *testing.T) {
	t.Parallel()
	v := formattest.NewVault()
	v.ImportString(t, format(t, "bitwarden-json"), fixture(t, "bitwarden/keepassxc-bitwarden_timestamps_export.json"))
	e := v.Entry(t, "Timestamp Entry")
	if vault.FormatTime(e.Created) != "2023-01-01T08:00:00.000Z" || vault.FormatTime(e.Modified) != "2023-12-01T12:00:00.000Z" {
		t.Errorf("created %v, modified %v", e.Created, e.Modified)
	}
	c, _ := e.Credential(vault.BasicAuth)
	m, _ := c.Member("password")
	var got []string
	for _, p := range e.History {
		if p.Path != m.Path {
			t.Errorf("history of %s, the password stands at %s", p.Path, m.Path)
		}
		got = append(got, p.Value.RevealString()+" "+vault.FormatTime(p.Written))
	}
	if want := []string{"oldpassword2 2023-06-20T14:45:00.000Z", "oldpassword1 2023-01-15T10:30:00.000Z"}; !slices.Equal(got, want) {
		t.Errorf("history %q", got)
	}
}

func TestRealBitwardenEncrypted(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"keepassxc-bitwarden_encrypted_export.json": "password", "keepassxc-bitwarden_encrypted_argon2id_export.json": "password",
		"clients-account-encrypted-v1-excerpt.json": "same Bitwarden account",
	} {
		text := fixture(t, "bitwarden/"+name)
		if f, err := exporter.Detect([]byte(text)); err != nil || f.Name != "bitwarden-json" {
			t.Errorf("%s: detected as %q, %v", name, f.Name, err)
		}
		_, _, err := formattest.NewVault().Import(format(t, "bitwarden-json"), strings.NewReader(text))
		if !errors.Is(err, exporter.ErrEncrypted) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRealChrome(t *testing.T) {
	t.Parallel()
	text := fixture(t, "browsers/buttercup-chrome_pass.csv")
	v := formattest.NewVault()
	rep := v.ImportString(t, format(t, "chrome-csv"), text)
	if rep.Items != 9 || rep.Counts[exporter.Added] != 9 || rep.Lossy() {
		t.Errorf("%s", formattest.DumpReport(rep))
	}
	if e := v.Entry(t, "Item without any info"); e.Kind != vault.KindLogin || len(e.URLs) != 0 {
		t.Errorf("the row without any info: %v", e)
	}
}

// TestRealDetection: no file of another program is taken for a format that it is not.
func TestRealDetection(t *testing.T) {
	t.Parallel()
	fixture(t, "SOURCES.md")
	root := filepath.Join(os.Getenv("SIGNET_FIXTURES"), "formats")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		head, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		want := ""
		switch {
		case strings.HasPrefix(name, "bitwarden/") && !strings.HasSuffix(name, "-account.json"):
			want = "bitwarden-json"
		case name == "browsers/buttercup-chrome_pass.csv":
			want = "chrome-csv"
		}
		f, _ := exporter.Detect(head[:min(len(head), exporter.DetectBytes)])
		if f.Name != want {
			t.Errorf("%s: detected as %q, expected %q", name, f.Name, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
