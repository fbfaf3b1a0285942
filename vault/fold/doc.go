// Package fold is the only merge of Signet: operations → state, conflicts (vault.md 5.4). It is pure and knows nothing of
// files, age or logs' signatures.
//
// The fold is commutative, associative and idempotent, also with forks, lost files, duplicates and snapshots (I4), and no
// value is dropped unless a write listed its dot (I5).
//
//	rules.go    the decisions, one function each; the tests weaken them one at a time
//	context.go  what a state has seen
//	record.go   the values of one record: join, rank, conflict
//	fold.go     a state in memory
//	stream.go   the same for states that are too large for it: a delta applied to records that stream by
//	pile.go     values sorted by record outside of memory, for deltas of very many segments
//
// A dot counts at its place (record and field). Honest files never put one dot in two places; that a lying snapshot
// may is what makes this a choice, and the choice lets a stream of records, seen one at a time, come out as a state in
// memory does.
//
// Everything here is compared with a model without an order (model_test.go) over random schedules whose histories can be
// drawn as text (draw_test.go); SIGNET_FOLD_SCHEDULES=60000 makes a long run. To change a rule, change the model first and
// see the properties fail; to add a rule, add the weakened one to mutation_test.go.
package fold
