module github.com/webphases/webphases

go 1.26
