package format_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"signet/vault/format"
)

// golden compares with testdata/NAME. The files are frozen: format 1 reads and writes them for ever. A file that is missing
// is written, and the test fails once, so that a person looks at it.
func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("%s is new: read it, then commit it", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is written in another way than format 1 did:\ngot  %s\nwant %s", name, got, want)
	}
	return want
}

func goldenSegment() format.Segment {
	h := header(2)
	h.Seen = map[format.MemberID]format.Mark{memberN(2): {Seq: 3, SID: sid2}, memberN(3): {Seq: 1, SID: sid1}}
	h.Extra = []byte(`{"later":true}`)
	return format.Segment{Header: h, Ops: []format.Op{
		{Record: recordN(1), Field: "title", Value: ptr("Example \"é\"\n\u0001"), Wall: 1_700_000_000_001},
		{Record: recordN(1), Field: "cred/ab12cd34/password", Replaces: []format.Dot{{SID: sid1, I: 0}, {SID: sid2, I: 12}}, Value: ptr(""), Wall: 0},
		{Record: recordN(2), Field: "tag/%C3%A9", Replaces: []format.Dot{{SID: sid1, I: 4}}, Wall: format.MaxInt, Extra: []byte(`{"z":{"a":[1]}}`)},
	}}
}

func TestGoldenSegment(t *testing.T) {
	t.Parallel()
	s := goldenSegment()
	plain := golden(t, "segment.jsonl", format.Sign(format.KindSegment, testVault, must(s.Encode()), testKey))
	got, err := format.DecodeSegment(must(format.Verify(format.KindSegment, testVault, plain, testPub)))
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, s)
	}
}

func TestGoldenSnapshot(t *testing.T) {
	t.Parallel()
	s := smallSnapshot()
	s.Records[0].Fields[0].Values = []format.Value{
		{Dot: format.Dot{SID: sid2, I: 3}, Wall: 9, Text: "shown", Extra: []byte(`{"z":1}`)}, {Dot: format.Dot{SID: sid1, I: 3}, Wall: 9, Text: "loser"},
	}
	plain := golden(t, "snapshot.jsonl", must(s.write()))
	if got, err := readSnapshot(plain); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, s)
	}
}

func TestGoldenRoster(t *testing.T) {
	t.Parallel()
	all := sampleStatements()
	var sts []format.SignedStatement
	vault := format.VaultID(format.Sum(must(all[format.StGenesis].Encode())))
	for _, typ := range []format.StatementType{format.StGenesis, format.StAdd, format.StEpoch, format.StRekey, format.StRevoke} {
		s := all[typ]
		if s.Vault = vault; typ == format.StGenesis {
			s.Vault = format.VaultID{}
		} else {
			s.Prev = []format.Hash{sts[len(sts)-1].Hash()}
		}
		sts = append(sts, must(format.SplitRoster(format.Sign(format.KindRoster, vault, must(s.Encode()), testKey)))...)
	}
	plain := golden(t, "roster.jsonl", format.JoinRoster(sts))
	for _, st := range must(format.SplitRoster(plain)) {
		v := must(format.Verify(format.KindRoster, vault, format.JoinRoster([]format.SignedStatement{st}), testPub))
		s := must(format.DecodeStatement(v))
		if again := must(s.Encode()); !bytes.Equal(again, st.Body) {
			t.Errorf("%s is written in another way: %s", st.Body, again)
		}
	}
}

func TestGoldenText(t *testing.T) {
	t.Parallel()
	slot, _, err := format.EncodeHeadsSlot(format.Heads{
		Generation: 7, Logs: headsAt(1).Logs, Roster: format.Sum(nil), Epoch: 2, Purge: &format.Purge{Below: 2, SID: sid2},
		Pending: []format.Pending{{Seq: 2, SID: sid1, H32: hex32}, {Seq: 3, SID: sid2, H32: hex32}}, Extra: []byte(`{"z":1}`),
	}, headsKey(1))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "heads.json", slot[12:len(slot)-32])
	golden(t, "device.txt", []byte(text(deviceKey(false).Encode())))
	golden(t, "device-rekey.txt", []byte(text(deviceKey(true).Encode())))
	golden(t, "slot.txt", []byte(text(format.EncodeSlots(slots(1)...))))
	golden(t, "prev.txt", []byte(text(format.EncodeSlots(slots(1, 2)...))))
	golden(t, "recovery.txt", []byte(text(code(7).Sheet(testVault))))
	golden(t, "recovery-code.txt", []byte(code(7).Text().RevealString()+"\n"+strings.Join(code(7).Words(), " ")+"\n"))
	golden(t, "VAULT", format.VaultHint(testVault))
	golden(t, "attachment.json", []byte(text(attachment().Encode())))
}
