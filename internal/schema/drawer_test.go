package schema

import "testing"

func TestMissingBytesGoToProseFirst(t *testing.T) {
	for _, test := range []struct {
		name    string
		leaves  []leaf
		missing int
		want    []int
	}{
		{"nothing is missing", []leaf{{false, 10}}, 0, nil},
		{"nothing may grow", nil, 10, nil},
		{"all alike", []leaf{{false, 100}, {false, 100}}, 11, []int{6, 5}},
		{"prose alone", []leaf{{false, 100}, {true, 100}}, 10, []int{0, 10}},
		{"what is full leaves its share", []leaf{{false, 2}, {false, 100}}, 10, []int{2, 8}},
		{"more than there is room for", []leaf{{false, 2}, {false, 3}}, 10, []int{2, 3}},
	} {
		d := newDrawer(1, 2)
		d.leaves = test.leaves
		got := d.share(test.missing)
		if len(got) != len(test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%s: %v, want %v", test.name, got, test.want)
			}
		}
	}
}

func TestNamesAreCutIntoWords(t *testing.T) {
	for name, want := range map[string]string{"order_id": "id", "orderId": "id", "order-note": "note", "id": "id", "ID": "id", "": ""} {
		if got := lastWord(name); got != want {
			t.Errorf("%q ends in %q, want %q", name, got, want)
		}
	}
}
