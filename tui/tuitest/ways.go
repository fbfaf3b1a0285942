package tuitest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"signet/tui/screen"
	"signet/vault/secret"
)

// ErrLastWay says that a device keeps its last way in.
var ErrLastWay = errors.New("it is the last way in of this device")

// Ways manages ways in of nothing.
type Ways struct {
	Clock   *Clock
	Rows    []screen.WayRow
	Devices []screen.DeviceRow
	Keyring bool
	Secrets map[string]string // by name of the way
	Block   chan struct{}     // when set, what changes something waits for it or for its context
	Err     error             // of the next change
	Log     []string          // what was done
	mu      sync.Mutex
}

// NewWays has a passphrase, a weak one, a code and two devices.
func NewWays(clock *Clock) *Ways {
	then := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &Ways{
		Clock: clock, Keyring: true,
		Rows: []screen.WayRow{
			{Name: "passphrase", Kind: screen.WayPassphrase, Device: true, Person: true, Added: then, Opened: then, WorkFactor: 18},
			{Name: "desk", Kind: screen.WayPassphrase, Device: true, Person: true, Added: then, WorkFactor: 12, Weak: true, Kept: true},
			{Name: "recovery", Kind: screen.WayRecovery, Person: true, Added: then},
		},
		Devices: []screen.DeviceRow{{Name: "laptop", This: true, Added: then}, {Name: "tower", Added: then.AddDate(0, 1, 0), By: "laptop"}},
		Secrets: map[string]string{"passphrase": "open sesame", "desk": "open sesame", "recovery": Code},
	}
}

// Done is what was done so far.
func (w *Ways) Done() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.Log)
}

// List implements screen.Ways.
func (w *Ways) List(context.Context, screen.Vault) (screen.WayList, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows := slices.Clone(w.Rows)
	local := 0
	for _, r := range rows {
		if r.Device {
			local++
		}
	}
	for i := range rows {
		rows[i].Last = rows[i].Device && local == 1
	}
	return screen.WayList{Ways: rows, Devices: w.Devices, Keyring: w.Keyring}, nil
}

func (w *Ways) begin(ctx context.Context, what string) error {
	if w.Block != nil {
		select {
		case <-w.Block:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.Err != nil {
		return w.Err
	}
	w.Log = append(w.Log, what)
	return nil
}

func (w *Ways) find(name string) int {
	return slices.IndexFunc(w.Rows, func(r screen.WayRow) bool { return r.Name == name })
}

// Add implements screen.Ways.
func (w *Ways) Add(ctx context.Context, _ screen.Vault, n screen.NewWay) error {
	if n.Name == "" {
		n.Name = string(n.Kind) + "-2"
	}
	pass := n.Passphrase.RevealString()
	if err := w.begin(ctx, "add "+n.Name); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Secrets[n.Name] = pass
	w.Rows = slices.Insert(w.Rows, 0, screen.WayRow{
		Name: n.Name, Kind: n.Kind, Device: true, Added: w.Clock.Now(), Opened: w.Clock.Now(), WorkFactor: n.WorkFactor, Weak: n.Kind == screen.WayPassphrase && n.WorkFactor < screen.WorkWeak,
	})
	return nil
}

// PrepareRecovery implements screen.Ways.
func (w *Ways) PrepareRecovery(_ context.Context, _ screen.Vault, replace string) (screen.Prepared, error) {
	return &newCode{prepared{o: &Opener{Vault: &Vault{}}}, w, replace}, nil
}

type newCode struct {
	prepared
	w       *Ways
	replace string
}

// Commit implements screen.Prepared.
func (c *newCode) Commit(ctx context.Context) (screen.Vault, error) {
	if !c.checked {
		return nil, ErrUnchecked
	}
	if err := c.w.begin(ctx, "code "+c.replace); err != nil {
		return nil, err
	}
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if i := c.w.find(c.replace); i >= 0 {
		c.w.Rows = slices.Delete(c.w.Rows, i, i+1)
	}
	c.w.Rows = append(c.w.Rows, screen.WayRow{Name: "recovery-2", Kind: screen.WayRecovery, Person: true, Added: c.w.Clock.Now(), NoDecision: true})
	return nil, nil //nolint:nilnil // the contract of PrepareRecovery
}

// Test implements screen.Ways.
func (w *Ways) Test(ctx context.Context, _ screen.Vault, name string, typed secret.Secret) error {
	given := typed.RevealString()
	if err := w.begin(ctx, "test "+name); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if squeeze(given) != squeeze(w.Secrets[name]) {
		return ErrWrong
	}
	w.Rows[w.find(name)].Opened = w.Clock.Now()
	return nil
}

// Rename implements screen.Ways.
func (w *Ways) Rename(ctx context.Context, _ screen.Vault, name, to string) error {
	if err := w.begin(ctx, "rename "+name+" "+to); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.find(to) >= 0 {
		return errors.New("there is one of that name")
	}
	w.Rows[w.find(name)].Name = to
	return nil
}

// Change implements screen.Ways.
func (w *Ways) Change(ctx context.Context, _ screen.Vault, name string, c screen.WayChange) error {
	now, next := c.Current.RevealString(), c.Passphrase.RevealString()
	if next == "" && now != w.Secrets[name] && c.WorkFactor != 0 {
		return ErrWrong
	}
	if err := w.begin(ctx, "change "+name); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if next != "" {
		w.Secrets[name] = next
	}
	r := &w.Rows[w.find(name)]
	r.WorkFactor, r.Weak, r.Kept = c.WorkFactor, c.WorkFactor < screen.WorkWeak, c.KeepKey
	return nil
}

// Remove implements screen.Ways.
func (w *Ways) Remove(ctx context.Context, _ screen.Vault, name string, keepKey bool) error {
	what := "remove " + name
	if keepKey {
		what = "remove file of " + name
	}
	if err := w.begin(ctx, what); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.find(name)
	if keepKey {
		w.Rows[i].Gone, w.Rows[i].Kept = true, true
		return nil
	}
	w.Rows = slices.Delete(w.Rows, i, i+1)
	return nil
}
