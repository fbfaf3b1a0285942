package vault

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signet/vault/entry"
	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
)

// benchWorlds keeps the vaults that benchmarks share: making 100,000 entries takes a while.
var benchWorlds = map[int]*world{}

// sized returns a directory with a vault of n entries.
func sized(b *testing.B, n int) (*world, string) {
	b.Helper()
	w, ok := benchWorlds[n]
	if !ok {
		w = newWorld(b)
		v := w.open()
		_, err := v.Import(context.Background(), "bench", realistic(n))
		must(b, err)
		must(b, v.Maintain(context.Background()))
		must(b, v.Close())
		benchWorlds[n] = w
	}
	dir := b.TempDir()
	copyOut(b, w.fs, dir)
	return w, dir
}

func copyOut(b *testing.B, fs *crashfs.FS, dir string) {
	b.Helper()
	for _, name := range fs.Files() {
		path := filepath.Join(dir, name)
		must(b, os.MkdirAll(filepath.Dir(path), 0o700))
		must(b, os.WriteFile(path, fs.ReadFile(name), 0o600))
	}
}

// realistic yields entries like those of people: a login each, every tenth with a note, every fifth with a one-time code.
func realistic(n int) iter.Seq2[[]Edit, error] {
	return func(yield func([]Edit, error) bool) {
		for i := range n {
			id := recID(i)
			set := func(path, value string) Edit { return entry.Set(id, path, value) }
			edits := []Edit{
				set("title", fmt.Sprintf("Site %d", i)), set("url/uuuuuuuu", fmt.Sprintf("https://www.x%dsite.example/login", i)),
				set("cred/aaaaaaaa/type", "basic-auth"), set("cred/aaaaaaaa/pos", "V"),
				set("cred/aaaaaaaa/username", fmt.Sprintf("user%d@mail.example", i%7)), set("cred/aaaaaaaa/password", fmt.Sprintf("pa55-%d-word", i)),
				set("created", "2020-01-02T03:04:05.678Z"),
			}
			if i%5 == 0 {
				edits = append(edits, set("cred/bbbbbbbb/type", "totp"), set("cred/bbbbbbbb/pos", "W"), set("cred/bbbbbbbb/secret", "JBSWY3DPEHPK3PXP"))
			}
			if i%10 == 0 {
				edits = append(edits, set("cred/cccccccc/type", "note"), set("cred/cccccccc/pos", "X"), set("cred/cccccccc/content", strings.Repeat("note ", 60)))
			}
			if !yield(edits, nil) {
				return
			}
		}
	}
}

var benchSizes = []int{100, 10_000, 100_000}

// BenchmarkGet opens a vault and reads one entry by two words of it: what `signet get` does behind the keyring.
func BenchmarkGet(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, dir := sized(b, n)
			ctx := context.Background()
			for b.Loop() {
				v, err := openKey(ctx, mirror.New(mirror.OS(dir)), cloneKey(w.key), w.options())
				must(b, err)
				ids, err := v.Match(ctx, []string{fmt.Sprint(n - 1), "site"}, 3) // a rare word and one that all have
				if err != nil || len(ids) == 0 {
					b.Fatal(ids, err)
				}
				if _, err := v.Entry(ctx, ids[0], View{Reveal: true}); err != nil {
					b.Fatal(err)
				}
				must(b, v.Close())
			}
		})
	}
}

// BenchmarkEdit opens a vault, changes one password durably and closes: what `signet edit` does behind the keyring.
func BenchmarkEdit(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, dir := sized(b, n)
			ctx := context.Background()
			i := 0
			for b.Loop() {
				v, err := openKey(ctx, mirror.New(mirror.OS(dir)), cloneKey(w.key), w.options())
				must(b, err)
				i++
				if _, err := v.Apply(ctx, nil, []Edit{entry.Set(recID(i*7%n), passwordPath, fmt.Sprint("bench", i, time.Now().UnixNano()))}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				must(b, v.Maintain(ctx))
				must(b, v.Close())
				b.StartTimer()
			}
		})
	}
}

// BenchmarkImport makes a vault of n entries on the real file system.
func BenchmarkImport(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b)
				dir := b.TempDir()
				copyOut(b, w.fs, dir)
				b.StartTimer()
				v, err := openKey(context.Background(), mirror.New(mirror.OS(dir)), cloneKey(w.key), w.options())
				must(b, err)
				if _, err := v.Import(context.Background(), "bench", realistic(n)); err != nil {
					b.Fatal(err)
				}
				must(b, v.Close())
			}
		})
	}
}

// BenchmarkRebuild folds everything anew, as after the loss of the cache.
func BenchmarkRebuild(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, dir := sized(b, n)
			for b.Loop() {
				must(b, os.Remove(filepath.Join(dir, cacheName)))
				v, err := openKey(context.Background(), mirror.New(mirror.OS(dir)), cloneKey(w.key), w.options())
				must(b, err)
				must(b, v.Close())
			}
		})
	}
}

// BenchmarkScan searches the column for a text that only one entry has.
func BenchmarkScan(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, dir := sized(b, n)
			ctx := context.Background()
			v, err := openKey(ctx, mirror.New(mirror.OS(dir)), cloneKey(w.key), w.options())
			must(b, err)
			defer v.Close()
			for b.Loop() {
				hits := 0
				must(b, v.Scan(ctx, func(_ ID, search string, _ []byte) bool {
					if strings.Contains(search, "ite 17") {
						hits++
					}
					return true
				}))
				if hits == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}
