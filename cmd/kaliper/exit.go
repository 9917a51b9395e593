package main

import (
	"context"
	"errors"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// exitError is an error with an exit code of its own.
type exitError struct {
	code analysis.Exit
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func badInput(err error) error { return &exitError{analysis.ExitBadInput, err} }

// exitCodeOf returns the exit code for an error that ended a command.
func exitCodeOf(ctx context.Context, err error) analysis.Exit {
	if ctx.Err() != nil {
		return analysis.ExitInterrupted
	}
	if coded, ok := errors.AsType[*exitError](err); ok {
		return coded.code
	}
	if _, ok := errors.AsType[scenarios.Errors](err); ok {
		return analysis.ExitBadInput
	}
	// Files that the user named; what kaliper itself has just written is none of these.
	for _, unreadable := range []error{results.ErrForeign, results.ErrNewerSchema, results.ErrDamaged} {
		if errors.Is(err, unreadable) {
			return analysis.ExitBadInput
		}
	}
	switch category, _ := kafka.CategoryOf(err); category {
	case kafka.BadInput:
		return analysis.ExitBadInput
	case kafka.Unreachable:
		return analysis.ExitUnreachable
	}
	return analysis.ExitInternal
}
