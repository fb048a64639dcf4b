package releases

import (
	"net/url"
	"slices"
	"strconv"
)

// pageSizes are how many releases are asked for at once: what GitHub gives by default, and less for
// where releases have so many assets that it gives up. Each divides the one before.
var pageSizes = []int{30, 10, 5, 1}

// smaller returns the URL of a smaller page that begins with the same release; ok is false if there is
// none.
func smaller(text string) (page string, ok bool) {
	target, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	query := target.Query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil {
		return "", false
	}
	next := slices.IndexFunc(pageSizes, func(known int) bool { return known < size && size%known == 0 })
	if next < 0 {
		return "", false
	}
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		number = 1
	}
	query.Set("per_page", strconv.Itoa(pageSizes[next]))
	if number > 1 {
		query.Set("page", strconv.Itoa((number-1)*size/pageSizes[next]+1))
	}
	target.RawQuery = query.Encode()
	return target.String(), true
}
