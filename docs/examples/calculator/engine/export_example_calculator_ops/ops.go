// Package export_example_calculator_ops implements the interface ops of wit/calculator.wit.
package export_example_calculator_ops

import (
	"math/big"

	"example.com/engine/gen/imports/example_calculator_ops"
	wit "go.bytecodealliance.org/pkg/wit/types"
)

type (
	opError = example_calculator_ops.Error
	result  = wit.Result[int64, opError]
)

// Eval returns the result of left op right.
func Eval(left int64, op example_calculator_ops.Op, right int64) result {
	x, y, z := big.NewInt(left), big.NewInt(right), new(big.Int)
	switch op {
	case example_calculator_ops.Op_Add:
		z.Add(x, y)
	case example_calculator_ops.Op_Sub:
		z.Sub(x, y)
	case example_calculator_ops.Op_Mul:
		z.Mul(x, y)
	case example_calculator_ops.Op_Div:
		if right == 0 {
			return wit.Err[int64](opError(example_calculator_ops.Error_DivisionByZero))
		}
		z.Quo(x, y)
	}
	if !z.IsInt64() {
		return wit.Err[int64](opError(example_calculator_ops.Error_Overflow))
	}
	return wit.Ok[int64, opError](z.Int64())
}
