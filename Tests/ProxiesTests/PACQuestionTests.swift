import Testing

@testable import Proxies

@Suite struct PACQuestionTests {
  @Test(arguments: [
    ("https://example.com/a/b?token=1#c", "https://example.com/"), ("https://example.com", "https://example.com/"),
    ("https://u:p@example.com:8443?x", "https://example.com:8443/"), ("HTTPS://Example.COM/A", "https://example.com/"),
    ("http://u:p@example.com/a/b?c#d", "http://example.com/a/b?c"), ("http://example.com?c", "http://example.com/"),
    ("wss://example.com/secret", "wss://example.com/"), ("https://[2001:db8::1]:1/x", "https://[2001:db8::1]:1/"),
    ("https://example.com:443/x", "https://example.com/"), ("http://example.com:80/x", "http://example.com/x"),
    ("https://example.com:80/", "https://example.com:80/"), ("https://[2001:db8::1]:443/", "https://[2001:db8::1]/"),
    ("no URL, a secret", ""), ("a@b://example.com", ""), ("https://a@b@example.com/", "https://example.com/"),
    ("https://example.com\\@evil/", "https://example.com/"),
  ])
  func theScriptLearnsNoMoreThanItNeeds(_ url: String, _ expected: String) {
    #expect(PACQuestion(url: url, host: "h").url == expected)
  }

  @Test func hostsAreInLowerCaseAndWithoutBrackets() {
    #expect(PACQuestion(url: "https://EXAMPLE.com/", host: "EXAMPLE.com").host == "example.com")
    #expect(PACQuestion(url: "https://[::1]/", host: "[::1]").host == "::1")
  }

  @Test func answersAreForgottenByAgeAndByNumber() {
    var answers = PACAnswers(most: 2, seconds: 1)
    for (index, host) in ["a", "b", "a", "c"].enumerated() {
      answers.remember(.success([.through(ProxyEndpoint(.http, host: host, port: index))]), for: host, now: 0)
    }
    #expect(answers.answer(for: "b", now: 0) == nil)
    #expect(answers.answer(for: "a", now: 0) == .success([.through(ProxyEndpoint(.http, host: "a", port: 2))]))
    #expect(answers.answer(for: "c", now: 999_999_999) != nil)
    #expect(answers.answer(for: "c", now: 1_000_000_000) == nil)
  }

  @Test func ofErrorsOnlyLimitsAreRememberedAndNotForLong() {
    var answers = PACAnswers(most: 9, seconds: 60, ofFailures: 1)
    let limit = PACError(.limit, source: "", "")
    answers.remember(.failure(limit), for: "a", now: 0)
    answers.remember(.failure(PACError(.lost, source: "", "")), for: "b", now: 0)
    #expect(answers.answer(for: "a", now: 999_999_999) == .failure(limit))
    #expect(answers.answer(for: "a", now: 1_000_000_000) == nil && answers.answer(for: "b", now: 0) == nil)
    answers.remember(.success([.direct]), for: "a", now: 0)
    #expect(answers.answer(for: "a", now: 0) == .success([.direct]))
  }
}
