// Package fold is the only merge of Signet: operations → state, conflicts (vault.md 5.4). It is pure and knows nothing of
// files, age or logs' signatures.
//
// The fold is commutative, associative and idempotent, also with forks, lost files, duplicates and snapshots (I4), and no
// value is dropped unless a write listed its dot (I5). Everything here is tested by properties over random schedules whose
// histories can be drawn as text. To change a rule, change the model in the tests first and see them fail.
package fold
