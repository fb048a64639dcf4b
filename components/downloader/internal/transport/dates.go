package transport

import (
	"strconv"
	"strings"
	"time"
)

// The package time supports every format of dates, which takes 12 KB of the component.

// months are named as HTTP names them.
const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// ParseDate reads a date of a header field such as `Date` or `Last-Modified`, in the format that
// servers send today: `Thu, 05 Mar 2026 10:00:00 GMT`.
func ParseDate(text string) (time.Time, bool) {
	_, text, named := strings.Cut(text, ", ")
	if !named || len(text) != len("05 Mar 2026 10:00:00 GMT") || !strings.HasSuffix(text, " GMT") {
		return time.Time{}, false
	}
	month := strings.Index(months, text[3:6])
	clock := text[12:20]
	plain := text[2] == ' ' && text[6] == ' ' && text[11] == ' ' && clock[2] == ':' && clock[5] == ':' && month >= 0 && month%3 == 0
	if !plain {
		return time.Time{}, false
	}
	return moment(text[7:11], strconv.Itoa(month/3+1), text[:2], clock[:2], clock[3:5], clock[6:])
}

// ParseDay returns the beginning of a day, `2026-03-05`.
func ParseDay(text string) (time.Time, bool) {
	if len(text) != len("2026-03-05") || text[4] != '-' || text[7] != '-' {
		return time.Time{}, false
	}
	return moment(text[:4], text[5:7], text[8:])
}

// moment returns the time of a valid calendar date and clock time.
func moment(words ...string) (time.Time, bool) {
	numbers := [6]int{}
	for i, word := range words {
		number, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return time.Time{}, false
		}
		numbers[i] = int(number)
	}
	year, month, day := numbers[0], time.Month(numbers[1]), numbers[2]
	hour, minute, second := numbers[3], numbers[4], numbers[5]
	date := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	// A day that does not exist becomes another day.
	return date, date.Day() == day && date.Month() == month && date.Hour() == hour && date.Minute() == minute && date.Second() == second
}

// Day returns the day of a moment in UTC, `2026-03-05`.
func Day(moment time.Time) string {
	year, month, day := moment.UTC().Date()
	return padded(year, 4) + "-" + padded(int(month), 2) + "-" + padded(day, 2)
}

func padded(number, width int) string {
	digits := strconv.Itoa(number)
	return strings.Repeat("0", max(width-len(digits), 0)) + digits
}
