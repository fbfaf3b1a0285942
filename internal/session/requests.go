package session

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"signet/vault"
)

// Bounds of the texts of a request, in bytes.
const (
	maxRequestCommand = 64
	maxRequestName    = 256
	maxRequestAnswer  = 128
)

// requestRow is how a request is kept.
type requestRow struct {
	At        int64  `json:"t"` // ms since 1970
	Command   string `json:"c,omitempty"`
	Requester string `json:"q,omitempty"`
	Route     string `json:"r,omitempty"`
	RPID      string `json:"rp,omitempty"`
	UserName  string `json:"u,omitempty"`
	Answer    string `json:"a,omitempty"`
	Status    byte   `json:"s,omitempty"`
	UP        bool   `json:"up,omitempty"`
	UV        bool   `json:"uv,omitempty"`
	Asked     bool   `json:"k,omitempty"`
}

func (r Request) encode() ([]byte, error) {
	return json.Marshal(requestRow{
		r.At.UnixMilli(), shortened(r.Command, maxRequestCommand), shortened(r.Requester, maxRequestName), shortened(r.Route, maxRequestCommand),
		shortened(r.RPID, maxRequestName), shortened(r.UserName, maxRequestName), shortened(r.Answer, maxRequestAnswer), r.Status, r.UP, r.UV, r.Asked,
	})
}

// shortened cuts a text from outside between two characters.
func shortened(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

func requestOf(row vault.RequestRow) (Request, bool) {
	var r requestRow
	if json.Unmarshal(row.Data, &r) != nil {
		return Request{}, false
	}
	return Request{
		At: time.UnixMilli(r.At), Command: r.Command, Requester: r.Requester, Route: r.Route, RPID: r.RPID, UserName: r.UserName, Answer: r.Answer,
		Status: r.Status, UP: r.UP, UV: r.UV, Asked: r.Asked, Trusted: row.Trusted,
	}, true
}

func (l *Local) Requests(_ context.Context, limit int) ([]Request, error) {
	rows, err := l.v.Local().Requests(limit)
	out := make([]Request, 0, len(rows))
	for _, row := range rows {
		if r, ok := requestOf(row); ok {
			out = append(out, r)
		}
	}
	return out, err
}

// record writes one row durably.
func (l *Local) record(ctx context.Context, r Request) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	return l.v.Local().AddRequest(ctx, data)
}
