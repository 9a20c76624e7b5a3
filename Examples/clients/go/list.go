// Lists users: go run list.go [SEARCH_WORD]. The settings of ../README.md come from the environment.
package main

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// signed returns the URL of a signed GET: parameters sorted by name, a space as %20, HMAC-SHA256 in Base64.
func signed(endpoint, path string, parameters url.Values) string {
	parameters.Set("access_key_id", os.Getenv("ROSTER_ACCESS_KEY_ID"))
	parameters.Set("timestamp", time.Now().UTC().Format("2006-01-02T15:04:05Z"))
	parameters.Set("zone", os.Getenv("ROSTER_ZONE"))
	query := strings.ReplaceAll(parameters.Encode(), "+", "%20")
	mac := hmac.New(sha256.New, []byte(os.Getenv("ROSTER_SECRET_ACCESS_KEY")))
	fmt.Fprintf(mac, "GET\n%s\n%s\n%x", path, query, md5.Sum(nil))
	return endpoint + path + "?" + query + "&signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

type user struct {
	Username string `json:"username"`
}

func main() {
	for _, name := range []string{"ROSTER_ZONE", "ROSTER_ACCESS_KEY_ID", "ROSTER_SECRET_ACCESS_KEY"} {
		if os.Getenv(name) == "" {
			fail(name, " is not set")
		}
	}
	endpoint := os.Getenv("ROSTER_ENDPOINT")
	if endpoint == "" {
		endpoint = "http://127.0.0.1:8080"
	}
	response, err := http.Get(signed(endpoint, "/api/user", url.Values{
		"limit": {"100"}, "search_word": {strings.Join(os.Args[1:], " ")},
	}))
	if err != nil {
		fail(errors.Unwrap(err)) // without the URL, which is signed
	}
	defer response.Body.Close()
	var list struct {
		RetCode    *int   `json:"ret_code"`
		Message    string `json:"message"`
		TotalCount int    `json:"total_count"`
		UserSet    []user `json:"user_set"`
		UsersSet   []user `json:"users_set"` // the same list: a server may leave either out
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || list.RetCode == nil {
		fail("the response is none of Roster's: ", response.Status)
	}
	if *list.RetCode != 0 {
		fail(*list.RetCode, ": ", list.Message)
	}
	users := list.UserSet
	if users == nil {
		users = list.UsersSet
	}
	for _, user := range users {
		fmt.Println(user.Username)
	}
	fmt.Fprintf(os.Stderr, "%d of %d users\n", len(users), list.TotalCount)
}

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, "Error: "+fmt.Sprint(what...))
	os.Exit(1)
}
