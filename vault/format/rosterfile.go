package format

import (
	"bytes"
	"errors"
	"fmt"
)

// A roster file is the whole chain: statement line, signature line, repeated.

var errRoster = errors.New("not pairs of a statement line and a signature line")

// SplitRoster cuts a roster file into its statements without parsing them.
func SplitRoster(plain []byte) ([]SignedStatement, error) {
	if len(plain) > MaxRoster {
		return nil, fmt.Errorf("split roster: %w", ErrTooLarge)
	}
	var list []SignedStatement
	for len(plain) > 0 {
		end := bytes.IndexByte(plain, '\n') + 1
		if end == 0 || len(plain) < end+sigLineLen {
			return nil, fmt.Errorf("split roster: %w", errRoster)
		}
		sig, ok := parseSigLine(plain[end : end+sigLineLen])
		if !ok {
			return nil, fmt.Errorf("split roster: %w", errRoster)
		}
		if len(list) == MaxStatements {
			return nil, fmt.Errorf("split roster: %w", ErrTooLarge)
		}
		list = append(list, SignedStatement{bytes.Clone(plain[:end]), sig})
		plain = plain[end+sigLineLen:]
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("split roster: %w", errRoster)
	}
	return list, nil
}

// JoinRoster writes statement line, signature line, repeated. For one statement this is the signed text that Verify takes.
func JoinRoster(sts []SignedStatement) []byte {
	var out []byte
	for _, s := range sts {
		out = appendSigLine(append(out, s.Body...), s.Sig)
	}
	return out
}
