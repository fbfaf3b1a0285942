package vault

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
)

// snapshot forges a snapshot by the device's own key as its next file: what the log says, changed by lie.
func (x *victim) snapshot(lie func(c *format.Context, records []format.Record) []format.Record) []byte {
	x.t.Helper()
	v := x.open("keyring")
	v.mu.Lock()
	lib, err := v.readLibrary(x.t.Context(), x.tr, nil)
	must(x.t, err)
	folded, err := lib.fold(nil)
	must(x.t, err)
	var records []format.Record
	for r, err := range folded.records {
		must(x.t, err)
		records = append(records, r)
	}
	ctx := folded.ctx.Format()
	heads := v.marks.heads.Logs
	v.mu.Unlock()
	must(x.t, v.Close())
	records = lie(&ctx, records)
	var b bytes.Buffer
	_, err = format.WriteSnapshot(&b, format.SnapshotHeader{SegmentHeader: x.header(), Heads: heads}, ctx, func(yield func(format.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}, x.tr.sign)
	must(x.t, err)
	return b.Bytes()
}

// invented is a value of a file that nobody has.
var invented = format.Value{Dot: format.Dot{SID: "AAAAAAAAAAAAAAAA", I: 0}, Wall: 1_900_000_000_000, Text: "the attacker's"}

func inField(records []format.Record, id ID, path string, change func(f *format.Field)) []format.Record {
	for i := range records {
		for j := range records[i].Fields {
			if records[i].ID == id && records[i].Fields[j].Path == path {
				change(&records[i].Fields[j])
			}
		}
	}
	return records
}

// A snapshot that the device's own key signed, and that lies: about values it invents, changes or hides. The files that it
// speaks of are still there, and they are right; it does not keep the vault from opening; what cannot be true is named.
func TestAttackLyingSnapshot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lie  func(c *format.Context, r []format.Record) []format.Record
		want FileState
	}{
		"invents a value of a file that nobody has": {func(_ *format.Context, r []format.Record) []format.Record {
			return inField(r, recID(1), passwordPath, func(f *format.Field) { f.Values = append([]format.Value{invented}, f.Values...) })
		}, StateQuarantined},
		"changes a value": {func(_ *format.Context, r []format.Record) []format.Record {
			return inField(r, recID(1), passwordPath, func(f *format.Field) { f.Values[0].Text = "the attacker's" })
		}, StateQuarantined},
		"invents a value of a file that it lists": {func(_ *format.Context, r []format.Record) []format.Record {
			return inField(r, recID(1), passwordPath, func(f *format.Field) {
				lie := invented
				lie.Dot = format.Dot{SID: f.Values[0].Dot.SID, I: 77}
				f.Values = append([]format.Value{lie}, f.Values...)
			})
		}, StateQuarantined},
		"hides a value": {func(_ *format.Context, r []format.Record) []format.Record {
			return slices.DeleteFunc(r, func(r format.Record) bool { return r.ID == recID(2) })
		}, StateQuarantined},
		"hides everything": {func(*format.Context, []format.Record) []format.Record { return nil }, StateQuarantined},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			path := x.put(x.snapshot(c.lie), x.at.Seq+1, x.tr.epoch.rcpt)
			x.forgetful()
			x.unharmed(path, c.want)
			v := x.open("keyring")
			must(t, maintained(v))
			if len(logFiles(t, x.home)) > 3 {
				t.Error("nothing was compacted")
			}
			x.read(path) // what was never folded is never deleted
			if got := state(t, v); got != x.want {
				t.Errorf("after compaction the vault says\n%s\nwant\n%s", got, x.want)
			}
			x.forgetful()
			if got := state(t, x.open("keyring")); got != x.want {
				t.Errorf("after compaction the files say\n%s\nwant\n%s", got, x.want)
			}
		})
	}
}

// A snapshot signed by the real key whose records are not what the format allows: quarantined, and everything opens.
func TestAttackMalformedSnapshot(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"duplicate field":  {`{"f":{"cred/aaaaaaaa/pos"`, `{"f":{"cred/aaaaaaaa/pos":[],"cred/aaaaaaaa/pos"`},
		"duplicate member": {`"f":{"cred`, `"f":{},"f":{"cred`},
		"case variant":     {`"f":{"cred`, `"F":{},"f":{"cred`},
		"half a record":    {`"]]}}`, `"]]}`},
		"wrong order":      {`{"e":"` + string(recID(2)), `{"e":"` + string(recID(0))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			plain := x.snapshot(func(_ *format.Context, r []format.Record) []format.Record { return r })
			body := plain[:bytes.LastIndex(plain[:len(plain)-1], []byte("\n"))+1]
			bad := bytes.Replace(body, []byte(change[0]), []byte(change[1]), 1)
			if bytes.Equal(bad, body) {
				bad = bytes.Replace(body, []byte(`"f":{"cred`), []byte(`"f":{"`+fmt.Sprint(len(name))+`":[],"cred`), 1)
			}
			if bytes.Equal(bad, body) {
				t.Fatalf("the attack changes nothing in\n%s", strings.ReplaceAll(string(body), "},", "},\n"))
			}
			path := x.put(format.Sign(format.KindSnapshot, x.id, bad, x.tr.sign), x.at.Seq+1, x.tr.epoch.rcpt)
			x.forgetful()
			x.unharmed(path, StateQuarantined)
		})
	}
}
