package exporter_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
)

func chromeStream(n int) io.Reader {
	return formattest.Stream("name,url,username,password,note\n", n, formattest.Numbered("site%d.example,https://site%d.example/,user%d,p-%d,\n"), "")
}

func TestChrome(t *testing.T) {
	formattest.Run(t, formattest.Suite{
		Format: format(t, "chrome-csv"), Samples: "testdata/chrome-csv", Stream: chromeStream, Secrets: []string{"secret", "p,w", "calc", "line one"},
		BigItem: formattest.Zeros("name,url,username,password\na,b,c,", exporter.MaxCell+1<<17, "\n"),
	})
}

func TestChromeRefuses(t *testing.T) {
	t.Parallel()
	const head = "name,url,username,password,note\n"
	for _, c := range []struct {
		name, text string
		want       error
		says       string
	}{
		{"nothing", "", exporter.ErrDamaged, "line 1"},
		{"UTF-16, little end first", "\xff\xfen\x00a\x00", exporter.ErrUnsupported, "save it as UTF-8"},
		{"UTF-16, big end first", "\xfe\xff\x00n\x00a", exporter.ErrUnsupported, "save it as UTF-8"},
		{"UTF-16 without mark", "n\x00a\x00m\x00e\x00", exporter.ErrUnsupported, "save it as UTF-8"},
		{"Latin-1", head + "caf\xe9,https://a.example,u,p,\n", exporter.ErrUnsupported, "line 2"},
		{"a quote that stays open", head + "a,https://a.example,u,p,\nb,https://b.example,u,\"open,\nc,https://c.example,u,p,\n", exporter.ErrDamaged, "line 3"},
		{"text behind a quote", head + "a,https://a.example,u,\"p\"q,\n", exporter.ErrDamaged, "line 2"},
		{"a row cut off", head + "a,https://a.example,u,p,\nb,https://b.ex", exporter.ErrDamaged, "line 3"},
		{"no password column", "name,url,username,note\na,b,c,d\n", exporter.ErrUnsupported, "password"},
		{"two password columns", "name,url,username,password,password\na,b,c,d,e\n", exporter.ErrUnsupported, "two columns"},
		{"more columns than anybody has", strings.Repeat("a,", exporter.MaxColumns+1) + "\n", exporter.ErrUnsupported, "columns"},
		{"a quote that stays open in a long file", head + "a,\"" + strings.Repeat("x", exporter.MaxCell+1), exporter.ErrUnsupported, "not closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := formattest.NewVault()
			_, _, err := v.Import(format(t, "chrome-csv"), strings.NewReader(c.text))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if len(v.All()) > 0 {
				t.Errorf("%d entries are there", len(v.All()))
			}
		})
	}
}

func TestChromeDetection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"name,url,username,password\n":                          true,
		"name,url,username,password,note\r\n":                   true,
		"name,url,username,password,\n":                         true,
		"\"name\",\"url\",\"username\",\"password\",\"note\"\n": true,
		"password,note,name,url,username\n":                     true,
		"name,url,username,password":                            true,
		"name,url,username,password,note,cardholdername\n":      false, // NordPass
		"url,username,password,httpRealm\n":                     false,
		"Title,URL,Username,Password\n":                         false,
		"name;url;username;password\n":                          false,
		"name,url,username,password,password\n":                 false,
	} {
		f, _ := exporter.Detect([]byte(text))
		if (f.Name == "chrome-csv") != want {
			t.Errorf("%q: detected as %q", text, f.Name)
		}
	}
}
