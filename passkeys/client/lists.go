package client

import (
	"context"
)

// attempt is one try to sign in: credentials that may answer, with the salts that are theirs. No credentials means whichever the device has.
type attempt struct {
	rpID  string
	ids   [][]byte
	salts []byte
}

// reserve is how much of a message is kept free for what stands beside a list.
func (t *talk) reserve() int { return min(int(t.info.MaxMsgSize)/2, 3000) } //nolint:gosec // devices name a few thousand

// usable leaves out ids that are too long to be of this device.
func (t *talk) usable(list [][]byte) [][]byte {
	var out [][]byte
	for _, id := range list {
		if t.info.MaxID == 0 || uint64(len(id)) <= t.info.MaxID {
			out = append(out, id)
		}
	}
	return out
}

// batches cuts a list into pieces that the device takes at once (CTAP 2.1, section 6.1.3): few enough, and short enough for one message.
func (t *talk) batches(list [][]byte) [][][]byte {
	const around = 24 // what CBOR puts around an id
	var out [][][]byte
	size, room := 0, int(t.info.MaxMsgSize)-t.reserve() //nolint:gosec // as above
	for _, id := range t.usable(list) {
		n := len(out) - 1
		if n < 0 || uint64(len(out[n])) >= t.info.MaxList || size+len(id)+around > room {
			out, size, n = append(out, nil), 0, n+1
		}
		out[n] = append(out[n], id)
		size += len(id) + around
	}
	return out
}

// present asks the device silently whether it has one of the credentials, and returns its id; nil: none that it would tell of.
func (t *talk) present(ctx context.Context, rpID string, ids [][]byte) ([]byte, error) {
	no := false
	r := getParams{RPID: rpID, Hash: make([]byte, len(t.hash)), Allow: descriptors(ids), Options: &options{UP: &no}}
	r.Auth, r.Protocol = t.auth(r.Hash)
	var a getAnswer
	err := t.send(ctx, cmdGetAssertion, r, &a)
	switch {
	case deviceStatus(err) != 0: // none, or it does not tell; the request that follows will
		return nil, nil
	case err != nil:
		return nil, err
	case a.Credential == nil && len(ids) == 1:
		return ids[0], nil
	case a.Credential == nil:
		return nil, errAnswer
	}
	return a.Credential.ID, nil
}

// excluded cuts an exclude list down to what fits into the one request that may reveal it: all of it, or the credential that is there.
func (t *talk) excluded(ctx context.Context, list [][]byte) ([][]byte, error) {
	all := t.batches(list)
	if len(all) == 0 {
		return nil, nil
	}
	if len(all) == 1 {
		return all[0], nil
	}
	for _, batch := range all {
		id, err := t.present(ctx, t.rpID, batch)
		if err != nil {
			return nil, err
		}
		if id != nil {
			return [][]byte{id}, nil
		}
	}
	return all[0], nil
}

// attempts is what to try, in order: the site's list in pieces that the device takes and that share their salts, and at last the older AppID.
func (t *talk) attempts(o *request) []attempt {
	if !o.listed {
		return []attempt{{rpID: t.rpID, salts: o.ext.salts}}
	}
	var out []attempt
	var order []string
	groups := map[string][][]byte{}
	for _, id := range o.allow {
		salts := string(o.ext.saltsFor(id))
		if groups[salts] == nil {
			order = append(order, salts)
		}
		groups[salts] = append(groups[salts], id)
	}
	for _, salts := range order {
		for _, batch := range t.batches(groups[salts]) {
			out = append(out, attempt{t.rpID, batch, []byte(salts)})
		}
	}
	if o.ext.AppID != nil {
		for _, batch := range t.batches(o.allow) {
			out = append(out, attempt{rpID: *o.ext.AppID, ids: batch})
		}
	}
	return out
}

// likely puts the first attempt that the device tells of in front, so that nobody touches a key for nothing.
func (t *talk) likely(ctx context.Context, all []attempt) ([]attempt, error) {
	if len(all) < 2 {
		return all, nil
	}
	for i, a := range all {
		id, err := t.present(ctx, a.rpID, a.ids)
		if err != nil {
			return nil, err
		}
		if id != nil {
			return append([]attempt{a}, append(append([]attempt{}, all[:i]...), all[i+1:]...)...), nil
		}
	}
	return all, nil
}
