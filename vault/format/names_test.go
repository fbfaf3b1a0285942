package format_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

const hex32 = "0123456789abcdef0123456789abcdef"

func TestNames(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]format.Name{
		"epochs/000001/dev-abcdefgh-" + hex32 + ".age": {Kind: format.FileSlot, Epoch: 1, Of: format.KindDevice, Member: "abcdefgh", H32: hex32},
		"epochs/000001/rec-a2345672-" + hex32 + ".age": {Kind: format.FileSlot, Epoch: 1, Of: format.KindRecovery, Member: "a2345672", H32: hex32},
		"epochs/999999/hw-abcdefgh-" + hex32 + ".age":  {Kind: format.FileSlot, Epoch: 999999, Of: format.KindHardware, Member: "abcdefgh", H32: hex32},
		"epochs/000012/pass-abcdefgh-" + hex32 + ".age": {
			Kind: format.FileSlot, Epoch: 12, Of: format.KindPass, Member: "abcdefgh", H32: hex32,
		},
		"epochs/000002/prev-" + hex32 + ".age":    {Kind: format.FilePrev, Epoch: 2, H32: hex32},
		"roster/000004-" + hex32 + ".age":         {Kind: format.FileRoster, Count: 4, H32: hex32},
		"log/abcdefgh/00000001-" + hex32 + ".age": {Kind: format.FileLog, Log: "abcdefgh", Seq: 1, H32: hex32},
		"log/abcdefgh/99999999-" + hex32 + ".age": {Kind: format.FileLog, Log: "abcdefgh", Seq: 99999999, H32: hex32},
		"att/" + hex32 + ".age":                   {Kind: format.FileAtt, H32: hex32},
	} {
		if got := format.ParseName(path); got != want {
			t.Errorf("%s: %+v", path, got)
		}
		if got := want.Path(); got != path {
			t.Errorf("%+v: %s", want, got)
		}
	}
}

func TestForeignNamesAreIgnored(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "VAULT", ".age", "/", "att", "att/", "att/x.age", "device.json", "members/x.age", "join/" + hex32 + ".age",
		"att/" + hex32, "att/" + hex32 + ".age.tmp", "att/" + strings.ToUpper(hex32) + ".age", "att/" + hex32 + "0.age", "att/-" + hex32 + ".age",
		"att/" + hex32 + ".sync-conflict-20240101-000000-ABCDEFG.age", "att/~$" + hex32 + ".age", "./att/" + hex32 + ".age", "att//" + hex32 + ".age",
		"x/att/" + hex32 + ".age", "ATT/" + hex32 + ".age", "att\\" + hex32 + ".age",
		"roster/000000-" + hex32 + ".age", "roster/4-" + hex32 + ".age", "roster/004097-" + hex32 + ".age", "roster/0000004-" + hex32 + ".age",
		"roster/00000x-" + hex32 + ".age", "roster/000004_" + hex32 + ".age", "roster/000004" + hex32 + ".age", "roster/+00004-" + hex32 + ".age",
		"log/abcdefgh/00000000-" + hex32 + ".age", "log/abcdefgh/1-" + hex32 + ".age", "log/abcdefg/00000001-" + hex32 + ".age",
		"log/abcdefg1/00000001-" + hex32 + ".age", "log/ABCDEFGH/00000001-" + hex32 + ".age", "log/00000001-" + hex32 + ".age",
		"log/../abcdefgh/00000001-" + hex32 + ".age", "log/abcdefgh/x/00000001-" + hex32 + ".age",
		"epochs/000000/prev-" + hex32 + ".age", "epochs/1/prev-" + hex32 + ".age", "epochs/000001/" + hex32 + ".age", "epochs/000001/-" + hex32 + ".age",
		"epochs/000001/dev-abcdefg-" + hex32 + ".age", "epochs/000001/dev-" + hex32 + ".age", "epochs/000001/tpm-abcdefgh-" + hex32 + ".age",
		"epochs/000001/prev-abcdefgh-" + hex32 + ".age", "epochs/000001/dev-abcdefgh-x-" + hex32 + ".age", "epochs/prev-" + hex32 + ".age",
	} {
		if got := format.ParseName(path); got != (format.Name{}) {
			t.Errorf("%q: %+v", path, got)
		}
	}
	if p := (format.Name{H32: hex32}).Path(); p != "" {
		t.Errorf("FileUnknown has the path %q", p)
	}
}

func FuzzName(f *testing.F) {
	f.Add("epochs/000001/dev-abcdefgh-" + hex32 + ".age")
	f.Add("epochs/000002/prev-" + hex32 + ".age")
	f.Add("roster/000004-" + hex32 + ".age")
	f.Add("log/abcdefgh/00000001-" + hex32 + ".age")
	f.Add("att/" + hex32 + ".age")
	f.Fuzz(func(t *testing.T, path string) {
		if n := format.ParseName(path); n.Kind != format.FileUnknown && n.Path() != path {
			t.Fatalf("%q became %q", path, n.Path())
		}
	})
}

func TestH32(t *testing.T) {
	t.Parallel()
	if got := format.H32([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223" {
		t.Error(got)
	}
}

func TestPadme(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{
		{0, 2048, 2048}, {1, 2048, 2048}, {2048, 2048, 2048}, {2049, 2048, 2176}, {2176, 2048, 2176}, {50_000, 0, 51_200},
		{0, 0, 0}, {1, 0, 1}, {2, 0, 2}, {3, 0, 3}, {9, 0, 10}, {1 << 20, 0, 1 << 20}, {1<<20 + 1, 0, 1<<20 + 1<<15},
	} {
		if got := format.Padme(c[0], c[1]); got != c[2] {
			t.Errorf("Padme(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<33).Draw(t, "n")
		p := format.Padme(n, 0)
		if p < n || format.Padme(p, 0) != p || float64(p) > float64(n)*1.12+1 || format.Padme(n+1, 0) < p {
			t.Fatalf("Padme(%d) = %d", n, p)
		}
	})
}

// Padding lines fill a text to a padded length exactly, whatever its length, and are read as padding.
func TestPaddingLines(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Fatalf(string, ...any) }, n int) {
		pad := format.AppendPad(nil, n)
		total := n + len(pad) + format.SigLineLen
		if format.Padme(total, format.PadFloor) != total || total > format.Padme(n+format.SigLineLen+11, format.PadFloor) {
			t.Fatalf("%d bytes became %d", n, total)
		}
		for line := range bytes.Lines(pad) {
			if len(line) > format.PadLine || !format.IsPad(line[:len(line)-1]) {
				t.Fatalf("%d bytes: a padding line of %d", n, len(line))
			}
		}
	}
	for n := range 5000 {
		check(t, n)
	}
	for _, n := range []int{1<<30 - 5<<20, 1 << 29, 1<<29 - 3*format.PadLine - 97, 1<<29 - 3*format.PadLine - 97 - 5} {
		check(t, n+1)
		check(t, n-1)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.IntRange(0, 40<<20).Draw(t, "n")) })
}
