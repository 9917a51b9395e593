package unit

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestRatesAreReadAndPrintedBack(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    Rate
		printed string
	}{
		{"20000/s", Rate{PerSecond: 20_000}, "20000/s"},
		{"20k/s", Rate{PerSecond: 20_000}, "20000/s"},
		{"1.5M/s", Rate{PerSecond: 1.5e6}, "1500000/s"},
		{"20_000 records/s", Rate{PerSecond: 20_000}, "20000/s"},
		{"1200/min", Rate{PerSecond: 20}, "20/s"},
		{"3600/h", Rate{PerSecond: 1}, "1/s"},
		{"20MB/s", Rate{PerSecond: 20e6, Bytes: true}, "20MB/s"},
		{"1.5MiB/s", Rate{PerSecond: 1.5 * (1 << 20), Bytes: true}, "1.5MiB/s"},
		{"100B/s", Rate{PerSecond: 100, Bytes: true}, "100B/s"},
		{"0/s", Rate{}, "0/s"},
		{" max ", Rate{Max: true}, "max"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := ParseRate(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got.String() != c.printed {
				t.Errorf("prints as %q, want %q", got, c.printed)
			}
		})
	}
}

func TestWrongRatesSayWhatWouldBeRight(t *testing.T) {
	for text, hint := range map[string]string{
		"20000":    "write 20000/s",
		"":         "write a rate such as",
		"fast":     "write a rate such as",
		"20/week":  "use /s, /min or /h",
		"20mb/s":   `unknown unit "mb"`,
		"-5/s":     "write a rate such as",
		"20000/ms": "use /s, /min or /h",
		"1e999/s":  "write a rate such as",
	} {
		if _, err := ParseRate(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseRate(%q): error %v, want one that says %q", text, err, hint)
		}
	}
}

func TestSizesAreReadAndPrintedBack(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    int64
		printed string
	}{
		{"16384", 16384, "16KiB"},
		{"1KiB", 1024, "1KiB"},
		{"1.5 MiB", 3 << 19, "1536KiB"},
		{"20MB", 20_000_000, "20MB"},
		{"1kB", 1000, "1kB"},
		{"1KB", 1000, "1kB"},
		{"1_000_000", 1_000_000, "1MB"},
		{"100B", 100, "100"},
		{"0", 0, "0"},
	} {
		got, err := ParseSize(c.text)
		if err != nil || got != c.want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", c.text, got, err, c.want)
		}
		if printed := FormatSize(got); printed != c.printed {
			t.Errorf("FormatSize(%d) = %q, want %q", got, printed, c.printed)
		}
	}
	for text, hint := range map[string]string{
		"1mb": "unknown unit", "-1": "write bytes", "": "write bytes", "0.5": "whole number", "9000000TB": "8 PiB",
	} {
		if _, err := ParseSize(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseSize(%q): error %v, want one that says %q", text, err, hint)
		}
	}
}

func TestDurationsAreReadAndPrintedBack(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    time.Duration
		printed string
	}{
		{"90s", 90 * time.Second, "1m30s"},
		{"250ms", 250 * time.Millisecond, "250ms"},
		{"50us", 50 * time.Microsecond, "50µs"},
		{"7d", 7 * 24 * time.Hour, "168h"},
		{"1d12h", 36 * time.Hour, "36h"},
		{"1.5d", 36 * time.Hour, "36h"},
		{"0", 0, "0s"},
		{"0s", 0, "0s"},
		{"10m", 10 * time.Minute, "10m"},
		{"1h0m30s", time.Hour + 30*time.Second, "1h0m30s"},
	} {
		got, err := ParseDuration(c.text)
		if err != nil || got != c.want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", c.text, got, err, c.want)
		}
		if printed := FormatDuration(got); printed != c.printed {
			t.Errorf("FormatDuration(%v) = %q, want %q", got, printed, c.printed)
		}
	}
	for text, hint := range map[string]string{
		"10": "write 10s, 10ms or 10m", "-1s": "negative", "": "number with a unit", "soon": "number with a unit",
		"d": "number with a unit", "1d-2h": "number with a unit", "200000d": "292 years", "106751d24h": "292 years", "NaNd": "number with a unit",
	} {
		if got, err := ParseDuration(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseDuration(%q) = %v, error %v, want one that says %q", text, got, err, hint)
		}
	}
}

func TestRatiosAreReadAsSharesAndAsPercentages(t *testing.T) {
	for text, want := range map[string]float64{"0.1%": 0.001, "0.001": 0.001, "5 %": 0.05, "1": 1, "1e-6": 1e-6} {
		if got, err := ParseRatio(text); err != nil || math.Abs(got-want) > 1e-15 {
			t.Errorf("ParseRatio(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5 percent", "-1", "%"} {
		if got, err := ParseRatio(text); err == nil {
			t.Errorf("ParseRatio(%q) = %v, want an error", text, got)
		}
	}
}

func TestFiguresArePrintedForPeople(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  string
		want  string
	}{
		{0.0147, "s", "14.7 ms"},
		{2.831, "s", "2.83 s"},
		{0.0000431, "s", "43.1 µs"},
		{0.0009996, "s", "1 ms"},
		{62e-9, "s", "62 ns"},
		{0, "s", "0 s"},
		{90, "s", "90 s"},
		{180, "s", "3 min"},
		{5400, "s", "1.50 h"},
		{7200, "s", "2 h"},
		{-0.005, "s", "−5 ms"},
		{math.Inf(1), "s", "∞"},
		{math.NaN(), "s", "unknown"},
		{20_000_000, "bytes/s", "20 MB/s"},
		{1024, "bytes", "1.02 kB"},
		{999.96e3, "bytes", "1 MB"},
		{117, "bytes", "117 B"},
		{117.3, "bytes/record", "117 B/record"},
		{0.62e-6, "s/record", "620 ns/record"},
		{20_000, "records/s", "20,000 records/s"},
		{19_999.6, "records/s", "20,000 records/s"},
		{12.34, "records", "12.3 records"},
		{0.999, "records", "0.999 records"},
		{9.999, "1", "10.0"},
		{0.001, "ratio", "0.100%"},
		{0, "ratio", "0%"},
		{0.25, "ratio", "25%"},
		{3, "1", "3"},
		{1234567, "1", "1,234,567"},
		{1.5e-9, "1", "1.50e-09"},
		{200, "requests/s", "200 requests/s"},
	} {
		want := strings.ReplaceAll(c.want, " ", "\u00a0")
		if got := Format(c.value, c.unit); got != want {
			t.Errorf("Format(%v, %q) = %q, want %q", c.value, c.unit, got, want)
		}
	}
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"20000/s", "1.5MiB/s", "max", "1e3/s", "/", "1e/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := ParseRate(text)
		if err != nil {
			return
		}
		if rate.PerSecond < 0 || math.IsInf(rate.PerSecond, 0) || math.IsNaN(rate.PerSecond) {
			t.Fatalf("ParseRate(%q) = %+v", text, rate)
		}
		again, err := ParseRate(rate.String())
		if err != nil || again.Bytes != rate.Bytes || again.Max != rate.Max || math.Abs(again.PerSecond-rate.PerSecond) > 1e-9*rate.PerSecond {
			t.Fatalf("%q is read as %+v, printed as %q, and that is read as %+v, %v", text, rate, rate, again, err)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"90s", "1d12h", "7d", "d", "-1s", "1e9d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if again, err := ParseDuration(FormatDuration(d)); d < 0 || err != nil || again != d {
			t.Fatalf("%q is read as %v, printed as %q, and that is read as %v, %v", text, d, FormatDuration(d), again, err)
		}
	})
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"16384", "1KiB", "1.5MiB", "20MB", "_", "1e3kB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseSize(text)
		if err != nil {
			return
		}
		if again, err := ParseSize(FormatSize(n)); n < 0 || err != nil || again != n {
			t.Fatalf("%q is read as %d, printed as %q, and that is read as %d, %v", text, n, FormatSize(n), again, err)
		}
	})
}
