package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	maxProbes  = 64
	passphrase = "bench correct horse"
	workFactor = "10"
)

// vault is one generated vault and the commands on it.
type vault struct {
	bin, dir, export string
	size, runs       int
}

// column is what was measured on one vault; the maps' keys are rows of the report.
type column struct {
	size   int
	values map[string]float64
}

// rows of the report in order, with their unit and aim. Times are whole processes.
var rows = []struct{ key, label, unit, aim string }{
	{"get", "`signet get`, keyring slot", "ms", "100,000 within 1.5 × 100"},
	{"get-net", "… above the keyring's own answer", "ms", "≤ 15 ms"},
	{"get-pass", "`signet get`, passphrase slot (`--work-factor 10`)", "ms", ""},
	{"ls", "`signet ls QUERY`, one match", "ms", ""},
	{"ls-many", "`signet ls QUERY`, many matches", "ms", ""},
	{"passkeys", "`signet passkey ls`, 4 entries of 100 have one", "ms", ""},
	{"sign-in", "`signet passkey get`, one sign-in", "ms", "independent of size"},
	{"edit", "one durable edit", "ms", "independent of size"},
	{"edit-bytes", "bytes written per edit", "bytes", "independent of size"},
	{"import", "`signet import` of all entries", "s", "10,000 under 3 s"},
	{"frame", "terminal interface: start to first full frame", "ms", ""},
	{"drawn", "… one letter typed until something is drawn", "ms", "16 ms and a frame"},
	{"key", "… one letter typed until the screen stands still", "ms", "30 ms at 100,000"},
	{"key-max", "… the slowest letter", "ms", ""},
	{"scroll", "… one line or page down until the screen stands still", "ms", ""},
	{"tui-rss", "… memory held", "MB", "under 150 MB at 10,000"},
	{"get-rss", "peak memory of `get`", "MB", ""},
	{"ls-rss", "peak memory of `ls`", "MB", ""},
	{"edit-rss", "peak memory of an edit", "MB", ""},
	{"import-rss", "peak memory of the import", "MB", "under 150 MB at 10,000"},
	{"disk", "size of the vault on disk", "MB", ""},
}

func (v vault) signet(secret string, args ...string) (sample, error) {
	return run(secret, v.bin, append([]string{"--vault", v.dir, "--no-input"}, args...)...)
}

// create makes the vault with both slots and imports the generated export, timed.
func (v vault) create(c *column) error {
	if _, err := v.signet("", "init", "--unlock", "keyring", "--no-recovery"); err != nil {
		return err
	}
	_, err := v.signet(passphrase, "slot", "add", "passphrase", "--work-factor", workFactor, "--passphrase-fd", "3")
	if err != nil {
		return err
	}
	s, err := v.signet("", "import", v.export, "--format", "bitwarden-json", "--json")
	if err != nil {
		return err
	}
	c.values["import"], c.values["import-rss"] = s.took.Seconds(), mega(s.rss)
	return nil
}

// measure fills a column. floor is the keyring's answer in a process that does nothing else.
func (v vault) measure(floor time.Duration) (column, error) {
	c := column{size: v.size, values: map[string]float64{}}
	if err := v.create(&c); err != nil {
		return c, err
	}
	titles := probes(v.size, maxProbes)
	title := func(i int) string { return probeTitle(titles[i%len(titles)]) }
	get, err := repeat(v.runs, func(i int) (sample, error) { return v.signet("", "get", title(i), "username") })
	if err != nil {
		return c, err
	}
	c.values["get"], c.values["get-rss"] = millis(get.median()), mega(get.rss)
	c.values["get-net"] = millis(get.median() - floor)
	pass, err := repeat(v.runs, func(i int) (sample, error) {
		return v.signet(passphrase, "--unlock", "passphrase", "--passphrase-fd", "3", "get", title(i), "username")
	})
	if err != nil {
		return c, err
	}
	c.values["get-pass"] = millis(pass.median())
	if err := v.list(&c, title); err != nil {
		return c, err
	}
	if err := v.passkeys(&c); err != nil {
		return c, err
	}
	if err := v.screens(&c); err != nil {
		return c, err
	}
	if err := v.edits(&c, title); err != nil {
		return c, err
	}
	size, err := diskSize(v.dir)
	c.values["disk"] = mega(size)
	return c, err
}

func (v vault) list(c *column, title func(int) string) error {
	one, err := repeat(v.runs, func(i int) (sample, error) {
		s, err := v.signet("", "ls", title(i), "--json")
		if err == nil && strings.Count(string(s.out), "\n") != 1 {
			err = fmt.Errorf("ls %q gave %d lines", title(i), strings.Count(string(s.out), "\n"))
		}
		return s, err
	})
	if err != nil {
		return err
	}
	many, err := repeat(v.runs, func(int) (sample, error) { return v.signet("", "ls", "bank", "--json") })
	if err != nil {
		return err
	}
	c.values["ls"], c.values["ls-many"], c.values["ls-rss"] = millis(one.median()), millis(many.median()), mega(max(one.rss, many.rss))
	return nil
}

// passkeys measures a list of all, and a sign-in at a site that was registered at before.
func (v vault) passkeys(c *column) error {
	const challenge = `"challenge":"YmVuY2htYXJr"`
	at := func(verb, options string) (sample, error) {
		return runWith(options, "", v.bin, "--vault", v.dir, "--no-input", "passkey", verb, "--origin", "https://bench.example", "--approve", "always")
	}
	_, err := at("create", `{"rp":{"id":"bench.example","name":"Bench"},"user":{"id":"YWRh","name":"ada","displayName":"Ada"},`+challenge+
		`,"pubKeyCredParams":[{"type":"public-key","alg":-7}]}`)
	if err != nil {
		return err
	}
	list, err := repeat(v.runs, func(int) (sample, error) { return v.signet("", "passkey", "ls", "--json") })
	if err != nil {
		return err
	}
	signIn, err := repeat(v.runs, func(int) (sample, error) { return at("get", `{"rpId":"bench.example",`+challenge+`}`) })
	c.values["passkeys"], c.values["sign-in"] = millis(list.median()), millis(signIn.median())
	return err
}

// edits measures acknowledged, durable edits, and what the last of them left on the disk.
func (v vault) edits(c *column, title func(int) string) error {
	edit := func(i int) (sample, error) {
		return v.signet("", "edit", title(i), "username=user"+strconv.Itoa(i)+"@example.org")
	}
	s, err := repeat(v.runs, edit)
	if err != nil {
		return err
	}
	before, err := contents(v.dir)
	if err != nil {
		return err
	}
	if _, err := edit(v.runs + 1); err != nil {
		return err
	}
	n, err := written(before, v.dir)
	c.values["edit"], c.values["edit-rss"], c.values["edit-bytes"] = millis(s.median()), mega(s.rss), float64(n)
	return err
}

// prepare writes the export of a size and names the vault to be made from it.
func prepare(bin, work string, size, runs int) (vault, error) {
	v := vault{
		bin: bin, size: size, runs: runs,
		dir: filepath.Join(work, "vault-"+strconv.Itoa(size)), export: filepath.Join(work, strconv.Itoa(size)+".json"),
	}
	f, err := os.OpenFile(v.export, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return v, err
	}
	if err := generate(f, size); err != nil {
		f.Close()
		return v, err
	}
	return v, f.Close()
}

func diskSize(dir string) (int64, error) {
	files, err := contents(dir)
	var sum int64
	for _, f := range files {
		sum += f.size
	}
	return sum, err
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
func mega(n int64) float64           { return float64(n) / 1e6 }
