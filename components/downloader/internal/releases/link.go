package releases

import "strings"

// next returns the URL of the next page of a `Link` header field, or "".
func next(link string) string {
	for link != "" {
		_, rest, ok := strings.Cut(link, "<")
		if !ok {
			return ""
		}
		url, rest, ok := strings.Cut(rest, ">")
		if !ok {
			return ""
		}
		parameters, rest, _ := strings.Cut(rest, ",")
		for _, parameter := range strings.Split(parameters, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
				return url
			}
		}
		link = rest
	}
	return ""
}
