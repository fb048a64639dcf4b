package releases

import (
	"slices"
	"strconv"
	"strings"
)

// pageSizes are the numbers of releases per page: GitHub's default, and fewer where releases have so
// many assets that it gives up. Each divides the previous one.
var pageSizes = []int{30, 10, 5, 1}

// smaller returns the URL of a smaller page that begins with the same release; ok is false if the page
// cannot be smaller.
func smaller(url string) (page string, ok bool) {
	base, query, _ := strings.Cut(url, "?")
	size, number := 0, 1
	var rest []string
	for _, field := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(field, "=")
		count, err := strconv.Atoi(value)
		switch {
		case err == nil && name == "per_page":
			size = count
		case err == nil && name == "page":
			number = max(count, 1)
		default:
			rest = append(rest, field)
		}
	}
	next := slices.IndexFunc(pageSizes, func(known int) bool { return known < size && size%known == 0 })
	if next < 0 {
		return "", false
	}
	rest = append(rest, "per_page="+strconv.Itoa(pageSizes[next]))
	if number > 1 {
		rest = append(rest, "page="+strconv.Itoa((number-1)*size/pageSizes[next]+1))
	}
	return base + "?" + strings.Join(rest, "&"), true
}
