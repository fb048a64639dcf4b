module example.com/headline

go 1.24
