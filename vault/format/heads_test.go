package format_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
	"signet/vault/secret"
)

const slotSize = 4096

func headsKey(n byte) (k format.HeadsKey) {
	copy(k.ID[:], fill(8, n))
	k.MAC = secret.New(fill(32, n))
	return k
}

func headsAt(gen int64) format.Heads {
	return format.Heads{
		Generation: gen, Logs: map[format.MemberID]format.Mark{memberN(1): {Seq: int(gen) + 1, SID: sid1}}, Roster: format.Sum(nil), Epoch: 1,
	}
}

// file puts slots into a heads file.
func file(slots ...[]byte) []byte {
	raw := make([]byte, 2*slotSize)
	for i, s := range slots {
		copy(raw[i*slotSize:(i+1)*slotSize], s)
	}
	return raw
}

func slot(gen int64, key byte) []byte {
	s, _, err := format.EncodeHeadsSlot(headsAt(gen), headsKey(key))
	if err != nil {
		panic(err)
	}
	return s
}

var genHeads = rapid.Custom(func(t *rapid.T) format.Heads {
	h := format.Heads{
		Generation: genTime.Draw(t, "gen"), Logs: genMarks.Draw(t, "logs"), Roster: genHash.Draw(t, "roster"),
		Epoch: rapid.IntRange(0, format.MaxEpoch).Draw(t, "epoch"), Extra: genExtra.Draw(t, "extra"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		m := genMark.Draw(t, "part")
		h.Pending = append(h.Pending, format.Pending{Seq: m.Seq, SID: m.SID, H32: genHash.Draw(t, "h32").H32()})
	}
	if rapid.Bool().Draw(t, "purges") {
		h.Purge = &format.Purge{Below: rapid.IntRange(0, format.MaxEpoch).Draw(t, "below"), SID: genSID.Draw(t, "sid")}
	}
	return h
})

func TestHeadsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := genHeads.Draw(t, "heads")
		s, stamp, err := format.EncodeHeadsSlot(h, headsKey(1))
		if err != nil || !bytes.Equal(stamp[:], s[len(s)-32:]) {
			t.Fatal(err)
		}
		got, gotStamp, i, err := format.DecodeHeads(file(nil, s), slotSize, headsKey(1))
		if err != nil || i != 1 || gotStamp != stamp || !reflect.DeepEqual(got, h) {
			t.Fatalf("slot %d, %v\ngot  %+v\nwant %+v", i, err, got, h)
		}
	})
}

// Which slot counts, and what it means when none does (vault.md 5.5, I17).
func TestHeadsSlots(t *testing.T) {
	t.Parallel()
	torn := bytes.Clone(slot(9, 1))
	torn[60] ^= 1
	garbage := bytes.Repeat([]byte{0xa5}, slotSize)
	cases := map[string]struct {
		raw  []byte
		slot int
		gen  int64
		err  error
	}{
		"first only":             {file(slot(1, 1)), 0, 1, nil},
		"second only":            {file(nil, slot(1, 1)), 1, 1, nil},
		"second newer":           {file(slot(4, 1), slot(5, 1)), 1, 5, nil},
		"first newer":            {file(slot(6, 1), slot(5, 1)), 0, 6, nil},
		"same generation":        {file(slot(6, 1), slot(6, 1)), 0, 6, nil},
		"newer one torn":         {file(slot(8, 1), torn), 0, 8, nil},
		"other one garbage":      {file(garbage, slot(8, 1)), 1, 8, nil},
		"other one foreign":      {file(slot(9, 3), slot(8, 1)), 1, 8, nil},
		"key of a rekey":         {file(slot(9, 2), slot(8, 1)), 0, 9, nil},
		"stale bytes behind":     {file(append(slot(1, 1), "stale"...)), 0, 1, nil},
		"empty file":             {nil, 0, 0, format.ErrHeadsLost},
		"zeros":                  {file(), 0, 0, format.ErrHeadsLost},
		"short file":             {slot(1, 1), 0, 0, format.ErrHeadsLost},
		"garbage":                {file(garbage, garbage), 0, 0, format.ErrHeadsLost},
		"torn alone":             {file(torn), 0, 0, format.ErrHeadsForged},
		"torn and foreign":       {file(slot(1, 3), torn), 0, 0, format.ErrHeadsForged},
		"foreign":                {file(slot(1, 3)), 0, 0, format.ErrHeadsKey},
		"foreign in both":        {file(slot(1, 3), slot(2, 3)), 0, 0, format.ErrHeadsKey},
		"length beyond the slot": {file(append(append(fill(8, 1), 0xff, 0xff, 0xff, 0xff), 'x')), 0, 0, format.ErrHeadsLost},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _, i, err := format.DecodeHeads(c.raw, slotSize, headsKey(1), headsKey(2))
			if c.err != nil {
				if !errors.Is(err, c.err) || !reflect.DeepEqual(h, format.Heads{}) {
					t.Errorf("%+v, %v", h, err)
				}
				return
			}
			if err != nil || i != c.slot || h.Generation != c.gen {
				t.Errorf("slot %d, generation %d, %v", i, h.Generation, err)
			}
		})
	}
}

// Any single changed bit in the only slot is noticed.
func TestHeadsEveryBitCounts(t *testing.T) {
	t.Parallel()
	s := slot(1, 1)
	for bit := range len(s) * 8 {
		b := bytes.Clone(s)
		b[bit/8] ^= 1 << (bit % 8)
		if _, _, _, err := format.DecodeHeads(file(b), slotSize, headsKey(1)); err == nil {
			t.Fatalf("bit %d changed nothing", bit)
		}
	}
}

func TestHeadsRefusals(t *testing.T) {
	t.Parallel()
	part := format.Pending{Seq: 1, SID: sid1, H32: hex32}
	cases := map[string]func(*format.Heads){
		"generation":   func(h *format.Heads) { h.Generation = -1 },
		"epoch":        func(h *format.Heads) { h.Epoch = -1 },
		"logs":         func(h *format.Heads) { h.Logs = map[format.MemberID]format.Mark{"x": {}} },
		"pending seq":  func(h *format.Heads) { h.Pending = []format.Pending{{SID: sid1, H32: hex32}} },
		"pending sid":  func(h *format.Heads) { h.Pending = []format.Pending{{Seq: 1, H32: hex32}} },
		"pending h32":  func(h *format.Heads) { h.Pending = []format.Pending{{Seq: 1, SID: sid1, H32: "../../x"}} },
		"too many":     func(h *format.Heads) { h.Pending = make([]format.Pending, format.MaxPending+1) },
		"purge sid":    func(h *format.Heads) { h.Purge = &format.Purge{} },
		"extra ours":   func(h *format.Heads) { h.Extra = []byte(`{"gen":1}`) },
		"extra spaces": func(h *format.Heads) { h.Extra = []byte(`{"z": 1}`) },
	}
	for name, change := range cases {
		h := headsAt(1)
		h.Pending = []format.Pending{part}
		change(&h)
		if s, _, err := format.EncodeHeadsSlot(h, headsKey(1)); err == nil || s != nil {
			t.Errorf("%s: written", name)
		}
	}
	if _, _, err := format.EncodeHeadsSlot(headsAt(1), format.HeadsKey{}); err == nil {
		t.Error("written under no key")
	}
}

func FuzzHeads(f *testing.F) {
	one := slot(1, 1)
	f.Add(append(one, slot(1, 2)...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, stamp, i, err := format.DecodeHeads(raw, len(raw)/2, headsKey(1))
		if err != nil {
			return
		}
		if s, _, err := format.EncodeHeadsSlot(h, headsKey(1)); err != nil || i < 0 || stamp.IsZero() || len(s) == 0 {
			t.Fatalf("read but not written: %v", err)
		}
	})
}

// FuzzHeadsText is FuzzHeads behind the HMAC.
func FuzzHeadsText(f *testing.F) {
	s := slot(1, 1)
	f.Add(s[12 : len(s)-32])
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := format.ParseHeads(text)
		if err != nil {
			return
		}
		s, _, err := format.EncodeHeadsSlot(h, headsKey(1))
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		got, _, _, err := format.DecodeHeads(append(s, s...), len(s), headsKey(1))
		if err != nil || !reflect.DeepEqual(got, h) {
			t.Fatalf("%v\n%+v\n%+v", err, got, h)
		}
	})
}
