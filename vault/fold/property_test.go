package fold

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

type rapidDice struct{ t *rapid.T }

func (d rapidDice) pick(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "pick") }

type seededDice struct{ *rand.Rand }

func (d seededDice) pick(n int) int { return d.IntN(n) }

func seeded(seed uint64) dice { return seededDice{rand.New(rand.NewPCG(seed, 1))} }

func obey(*world) *rules { return lawful }

// I4 and I5: whatever devices, clones, losses, doubles, snapshots and collection do, every state is what the model says:
// the fold is commutative, associative and idempotent, and nothing is dropped without a write that lists it.
func TestI4I5FoldIsWhatTheModelSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rapidDice{rt}, obey)
		if err := w.run(rapid.IntRange(1, 25).Draw(rt, "steps")); err != nil {
			rt.Fatalf("%v\n%s", err, w.story())
		}
	})
}

// The same over longer schedules, which rapid would draw too slowly. SIGNET_FOLD_SCHEDULES=60000 is a long run.
func TestI4I5LongSchedules(t *testing.T) {
	t.Parallel()
	for seed := range schedules(t, 600) {
		w := newWorld(seeded(seed), obey)
		if err := w.run(60); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, w.story())
		}
	}
}

func schedules(t *testing.T, usual uint64) uint64 {
	text := os.Getenv("SIGNET_FOLD_SCHEDULES")
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A drawing that is printed draws the same files again, or the story of a failure would lead astray.
func TestDrawingsAreReadAsPrinted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		w := newWorld(seeded(seed), obey)
		if err := w.run(20); err != nil {
			t.Fatal(err)
		}
		for _, f := range w.written {
			for i := range f.ops {
				f.ops[i].Extra = nil
			}
		}
		text := draw(w.written)
		if again := draw(parse(text).order); again != text {
			t.Fatalf("printed\n%sand read\n%s", text, again)
		}
		if got, want := expected(set(parse(text).order)), expected(set(w.written)); got != want {
			t.Fatalf("seed %d: drawing means\n%sinstead of\n%s", seed, got, want)
		}
	}
}

func set(list []*file) files {
	out := files{}
	for _, f := range list {
		out[f.sid] = f
	}
	return out
}

func ExampleState() {
	d := parse("A1(f=old) -> A2(f=new), B1(f=other)")
	s := NewState()
	for _, f := range d.order {
		s.Fold(f.log, f.sid, f.ops)
	}
	r, _ := s.Record(recordOf("r"))
	for _, v := range r.Fields[0].Values {
		fmt.Println(v.Text)
	}
	// Output:
	// other
	// new
}
