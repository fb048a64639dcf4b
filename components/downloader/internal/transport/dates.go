package transport

import "time"

// httpDate is the form of dates in HTTP that servers send today.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// ParseDate reads a date of a header field such as `Date` or `Last-Modified`.
func ParseDate(text string) (time.Time, bool) {
	date, err := time.Parse(httpDate, text)
	return date, err == nil
}
