// Package scenarios reads scenario files: it parses YAML strictly, merges what a scenario
// extends with targets, overlays and --set, expands the matrix, and checks every case.
//
// It decides what is legal, what fills the gaps, and which cases there are. It refuses to
// contact anything: whether the cluster agrees is for others to find out.
//
// The way of a scenario:
//  1. read: each file becomes a tree whose every node knows its file, line and column; anchors,
//     merge keys (<<) and x- keys are gone (read.go)
//  2. merge: extends < file < target < overlay < --set; maps merge, lists replace, and null
//     takes a setting back (layers.go, tree.go, path.go)
//  3. expand: the matrix becomes assignments, one list per case (matrix.go)
//  4. decode: each case's tree becomes a Load, with every objection noted (decode*.go)
//  5. check: what no single setting can tell: unknown topics, expectations that can never be
//     known (crosscheck.go)
//
// All objections of all steps are returned at once, as Errors.
package scenarios
