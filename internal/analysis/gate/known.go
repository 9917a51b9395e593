package gate

// knownTables are what simulateTable makes of the usual budgets: alpha for one metric and for
// two, and the 0.01 of the guard. A test draws them again.
func knownTables() []Table {
	return []Table{
		{Pairs: 8, Alpha: 0.05, ranks: []int{2, 3, 5}},
		{Pairs: 10, Alpha: 0.05, ranks: []int{1, 3, 5, 6, 9}},
		{Pairs: 12, Alpha: 0.05, ranks: []int{1, 3, 0, 6, 8, 10, 13}},
		{Pairs: 16, Alpha: 0.05, ranks: []int{1, 0, 3, 5, 7, 9, 12, 16, 19, 24, 29}},
		{Pairs: 20, Alpha: 0.05, ranks: []int{0, 2, 3, 4, 6, 9, 11, 14, 18, 22, 27, 32, 37, 43, 49}},
		{Pairs: 24, Alpha: 0.05, ranks: []int{0, 1, 3, 4, 6, 8, 10, 13, 17, 21, 25, 30, 36, 41, 47, 54, 61, 69, 77}},
		{Pairs: 30, Alpha: 0.05, ranks: []int{0, 1, 2, 3, 5, 7, 10, 13, 16, 19, 24, 28, 33, 39, 45, 51, 58, 66, 73, 81, 90, 100, 109, 119, 130}},
		{Pairs: 8, Alpha: 0.025, ranks: []int{1, 0, 3}},
		{Pairs: 10, Alpha: 0.025, ranks: []int{0, 2, 3, 4, 6}},
		{Pairs: 12, Alpha: 0.025, ranks: []int{0, 1, 3, 4, 6, 8, 10}},
		{Pairs: 16, Alpha: 0.025, ranks: []int{0, 1, 2, 3, 5, 7, 9, 12, 15, 19, 23}},
		{Pairs: 20, Alpha: 0.025, ranks: []int{0, 1, 0, 3, 4, 6, 8, 11, 14, 17, 21, 26, 30, 36, 42}},
		{Pairs: 24, Alpha: 0.025, ranks: []int{0, 0, 2, 3, 0, 5, 8, 10, 13, 17, 20, 25, 29, 34, 40, 46, 52, 59, 66}},
		{Pairs: 30, Alpha: 0.025, ranks: []int{0, 0, 1, 3, 0, 5, 7, 9, 12, 16, 19, 23, 28, 32, 38, 43, 50, 56, 64, 71, 79, 87, 96, 106, 115}},
		{Pairs: 8, Alpha: 0.01, ranks: []int{0, 1, 0}},
		{Pairs: 10, Alpha: 0.01, ranks: []int{0, 0, 2, 0, 4}},
		{Pairs: 12, Alpha: 0.01, ranks: []int{0, 0, 1, 3, 0, 5, 7}},
		{Pairs: 16, Alpha: 0.01, ranks: []int{0, 0, 1, 0, 3, 4, 6, 9, 11, 14, 17}},
		{Pairs: 20, Alpha: 0.01, ranks: []int{0, 0, 1, 0, 2, 3, 5, 7, 10, 13, 16, 19, 24, 28, 33}},
		{Pairs: 24, Alpha: 0.01, ranks: []int{0, 0, 0, 1, 3, 4, 5, 7, 9, 12, 15, 19, 23, 27, 32, 37, 43, 48, 55}},
		{Pairs: 30, Alpha: 0.01, ranks: []int{0, 0, 0, 1, 2, 3, 5, 6, 9, 11, 14, 17, 21, 25, 30, 35, 41, 46, 52, 59, 67, 74, 81, 90, 99}},
	}
}
