package format_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

// Values for tests: fixed ones that read well in a failure, and generators for properties.

var (
	testKey   = ed25519.NewKeyFromSeed(fill(32, 1))
	testPub   = testKey.Public().(ed25519.PublicKey)
	otherKey  = ed25519.NewKeyFromSeed(fill(32, 2))
	otherPub  = otherKey.Public().(ed25519.PublicKey)
	testVault = format.VaultID(sha256.Sum256([]byte("vault")))
)

func fill(n int, b byte) []byte { return []byte(strings.Repeat(string(rune(b)), n)) }

func memberN(n int) format.MemberID {
	h := sha256.Sum256(fmt.Append(nil, "member", n))
	return format.NewMemberID([16]byte(h[:16]))
}

func recordN(n int) format.RecordID {
	h := sha256.Sum256(fmt.Append(nil, "record", n))
	return format.NewRecordID([16]byte(h[:16]))
}

func sidN(n int) format.SID { return format.Sum(fmt.Append(nil, n)).SID() }

func header(seq int) format.SegmentHeader {
	h := format.SegmentHeader{
		Vault: testVault, Log: memberN(1), Seq: seq, Epoch: 1, EpochK: strings.Repeat("0f", 16),
		Roster: format.Sum([]byte("roster")), Time: 1_700_000_000_000,
	}
	if seq > 1 {
		h.Prev = format.Sum([]byte("prev"))
	}
	return h
}

func ptr(s string) *string { return &s }

// must is for calls that cannot fail in a test unless what the test is about is broken.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// signed verifies body as kind, after signing it.
func signed(t testing.TB, kind format.Kind, body []byte) format.Verified {
	t.Helper()
	v, err := format.Verify(kind, testVault, format.Sign(kind, testVault, body, testKey), testPub)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var (
	genBytes16 = rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) [16]byte { return [16]byte(b) })
	genMember  = rapid.Map(genBytes16, format.NewMemberID)
	genRecord  = rapid.Map(genBytes16, format.NewRecordID)
	genHash    = rapid.Map(rapid.SliceOfN(rapid.Byte(), 32, 32), func(b []byte) format.Hash { return format.Hash(b) })
	genSID     = rapid.Map(genHash, format.Hash.SID)
	genTime    = rapid.Int64Range(0, format.MaxInt)
	genPath    = rapid.StringMatching(`[A-Za-z0-9._:-]{1,20}(/[A-Za-z0-9._:%-]{1,20}){0,3}`)
	genText    = rapid.OneOf(rapid.StringMatching(`[ -~]{0,40}`), rapid.String())
	genExtra   = rapid.SampledFrom([][]byte{nil, []byte(`{"zz":[1,{"a":null}]}`), []byte(`{"new":"\u00e9","y":-3}`)})
	genDot     = rapid.Custom(func(t *rapid.T) format.Dot {
		return format.Dot{SID: genSID.Draw(t, "sid"), I: rapid.IntRange(0, format.MaxOps-1).Draw(t, "i")}
	})
	genMark = rapid.Custom(func(t *rapid.T) format.Mark {
		return format.Mark{Seq: rapid.IntRange(1, format.MaxSeq).Draw(t, "seq"), SID: genSID.Draw(t, "sid")}
	})
	genMarks = rapid.Custom(func(t *rapid.T) map[format.MemberID]format.Mark {
		m := rapid.MapOfN(genMember, genMark, 0, 4).Draw(t, "marks")
		if len(m) == 0 {
			return nil
		}
		return m
	})
)

var genHeader = rapid.Custom(func(t *rapid.T) format.SegmentHeader {
	h := format.SegmentHeader{
		Vault: testVault, Log: genMember.Draw(t, "log"), Seq: rapid.IntRange(1, format.MaxSeq).Draw(t, "seq"),
		Epoch: rapid.IntRange(1, format.MaxEpoch).Draw(t, "epoch"), EpochK: genHash.Draw(t, "k").H32(),
		Roster: genHash.Draw(t, "roster"), Seen: genMarks.Draw(t, "seen"), Time: genTime.Draw(t, "time"),
		Extra: genExtra.Draw(t, "extra"),
	}
	if h.Seq > 1 {
		h.Prev = genHash.Draw(t, "prev")
	}
	return h
})

var genOp = rapid.Custom(func(t *rapid.T) format.Op {
	op := format.Op{
		Record: genRecord.Draw(t, "record"), Field: genPath.Draw(t, "field"), Wall: genTime.Draw(t, "wall"),
		Extra: genExtra.Draw(t, "extra"),
	}
	if x := rapid.SliceOfN(genDot, 0, 3).Draw(t, "x"); len(x) > 0 {
		op.Replaces = x
	}
	if rapid.Bool().Draw(t, "writes") {
		op.Value = ptr(genText.Draw(t, "value"))
	}
	return op
})

var genValue = rapid.Custom(func(t *rapid.T) format.Value {
	return format.Value{
		Dot: genDot.Draw(t, "dot"), Wall: genTime.Draw(t, "wall"), Text: genText.Draw(t, "text"), Extra: genExtra.Draw(t, "extra"),
	}
})

// genRecordValue draws a record with its fields and values in order, as the fold yields it.
var genRecordValue = rapid.Custom(func(t *rapid.T) format.Record {
	r := format.Record{ID: genRecord.Draw(t, "id")}
	paths := rapid.SliceOfNDistinct(genPath, 1, 5, rapid.ID[string]).Draw(t, "paths")
	slices.Sort(paths)
	for _, p := range paths {
		values := rapid.SliceOfNDistinct(genValue, 1, 3, func(v format.Value) format.Dot { return v.Dot }).Draw(t, "values")
		slices.SortFunc(values, byRank)
		r.Fields = append(r.Fields, format.Field{Path: p, Values: values})
	}
	return r
})

func byRank(a, b format.Value) int {
	if a.Wall != b.Wall {
		return map[bool]int{true: -1, false: 1}[a.Wall > b.Wall]
	}
	return b.Dot.Compare(a.Dot)
}

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
