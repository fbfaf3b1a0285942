package sessiontest

import (
	"testing"

	"signet/internal/session"
	"signet/vault/secret"
)

func testMade(t *testing.T, s session.Session) {
	ctx := t.Context()
	if got, err := s.Made(ctx); len(got) != 0 || err != nil {
		t.Fatalf("before the first: %d, %v", len(got), err)
	}
	for _, v := range []string{"first", "second"} {
		if err := s.AddMade(ctx, session.Made{Value: secret.FromString(v), Time: 7, Recipe: "r"}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Made(ctx)
	if err != nil || len(got) != 2 || got[0].Value.RevealString() != "second" || got[0].Time != 7 || got[0].Recipe != "r" {
		t.Fatalf("%d kept, %v", len(got), err)
	}
	if err := s.ClearMade(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Made(ctx); len(got) != 0 || err != nil {
		t.Errorf("after forgetting: %d, %v", len(got), err)
	}
}
