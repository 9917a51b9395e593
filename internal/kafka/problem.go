package kafka

import "errors"

// Category is what kind of exit a Problem leads to.
type Category string

// The categories of problems.
const (
	// Unreachable: the cluster, or the right to use it, cannot be had.
	Unreachable Category = "unreachable"
	// BadInput: what is asked for is wrong, or the cluster contradicts it.
	BadInput Category = "bad input"
)

// Problem is an error that a person can act on: one line of what is wrong, one of what to do.
type Problem struct {
	Cause    string
	Remedy   string
	Category Category
	Err      error // what the library said; nil where the finding is kaliper's own
}

// Error returns cause and remedy on one line.
func (p *Problem) Error() string { return p.Cause + "; " + p.Remedy }

// Unwrap returns what the library said.
func (p *Problem) Unwrap() error { return p.Err }

// CategoryOf returns the category of the Problem that err is or wraps, and whether there is one.
func CategoryOf(err error) (Category, bool) {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Category, true
	}
	return "", false
}
