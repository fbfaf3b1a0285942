package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"signet/vault/secret"
)

// Made is a password that this device generated and somebody took (decisions.md, "What is synced": generator history). How it was made is the business
// of whoever writes it.
type Made struct {
	Value  secret.Secret
	Time   int64 // ms since 1970
	Recipe string
}

// Limits of the history of generated passwords.
const (
	MaxMade       = 50
	maxMadeValue  = 8 << 10
	maxMadeRecipe = 512
	madeBlob      = "made"
	madeLock      = stateDir + "/made.lock"
	madeWait      = 2 * time.Second
)

// Made returns the generated passwords, the newest first. They are the caller's to wipe.
func (l *Local) Made() ([]Made, error) {
	data, err := l.Get(madeBlob)
	defer clear(data)
	if err != nil {
		return nil, err
	}
	var out []Made
	for line := range bytes.Lines(data) {
		m, err := parseMade(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil || len(out) == MaxMade {
			WipeMade(out)
			return nil, fmt.Errorf("read generated passwords: %w", ErrCorrupt)
		}
		out = append(out, m)
	}
	return out, nil
}

// WipeMade forgets what Made returned.
func WipeMade(list []Made) {
	for _, m := range list {
		m.Value.Wipe()
	}
}

// AddMade keeps one more at once, and forgets the oldest beyond MaxMade. What cannot be read gives way.
func (l *Local) AddMade(ctx context.Context, m Made) error {
	if len(m.Value.Reveal()) > maxMadeValue || len(m.Recipe) > maxMadeRecipe {
		return fmt.Errorf("keep generated password: %w", ErrTooLarge)
	}
	release, err := l.holdMade(ctx)
	if err != nil {
		return err
	}
	defer release()
	list, err := l.Made()
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return err
	}
	defer WipeMade(list)
	list = append([]Made{m}, list[:min(len(list), MaxMade-1)]...)
	list[0].Value = m.Value.Clone()
	defer list[0].Value.Wipe()
	data := encodeMade(list)
	defer clear(data)
	return l.Put(madeBlob, data)
}

// ClearMade forgets them all.
func (l *Local) ClearMade(ctx context.Context) error {
	release, err := l.holdMade(ctx)
	if err != nil {
		return err
	}
	defer release()
	return l.Put(madeBlob, nil)
}

// holdMade keeps two programs from overwriting what the other one adds.
func (l *Local) holdMade(ctx context.Context) (release func(), err error) {
	for end := time.Now().Add(madeWait); ; {
		release, ok, err := l.v.m.Hold(madeLock)
		switch {
		case err != nil:
			return nil, err
		case ok:
			return release, nil
		case time.Now().After(end):
			return nil, fmt.Errorf("keep generated password: %w", ErrInUse)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

var madeText = base64.RawURLEncoding.Strict()

// encodeMade writes one line each: time, recipe, value. The buffer never grows: growing would leave a copy behind.
func encodeMade(list []Made) []byte {
	size := 0
	for _, m := range list {
		size += 24 + madeText.EncodedLen(len(m.Recipe)) + madeText.EncodedLen(len(m.Value.Reveal()))
	}
	out := make([]byte, 0, size)
	for _, m := range list {
		out = strconv.AppendInt(out, m.Time, 10)
		out = madeText.AppendEncode(append(out, ' '), []byte(m.Recipe))
		out = madeText.AppendEncode(append(out, ' '), m.Value.Reveal())
		out = append(out, '\n')
	}
	return out
}

func parseMade(line []byte) (Made, error) {
	parts := bytes.Split(line, []byte(" "))
	if len(parts) != 3 {
		return Made{}, ErrCorrupt
	}
	at, err := strconv.ParseInt(string(parts[0]), 10, 64)
	if err != nil {
		return Made{}, ErrCorrupt
	}
	recipe, err := madeText.DecodeString(string(parts[1]))
	if err != nil || len(recipe) > maxMadeRecipe {
		return Made{}, ErrCorrupt
	}
	value := make([]byte, madeText.DecodedLen(len(parts[2])))
	n, err := madeText.Decode(value, parts[2])
	if err != nil || n > maxMadeValue {
		clear(value)
		return Made{}, ErrCorrupt
	}
	return Made{secret.New(value[:n]), at, string(recipe)}, nil
}
