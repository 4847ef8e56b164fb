import Testing

@testable import Updating

@Suite struct ScrubberTests {
  private func scrub(_ text: String, _ secrets: String...) -> String {
    String(decoding: Scrubber(secrets: secrets.map { Array($0.utf8) }).scrub(Array(text.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("token=abc&x=1", "token=***"), ("a Token: abc", "a Token: ***"),
    ("{\"token\":\"abc\",\"b\":1}", "{\"token\":\"***\",\"b\":1}"),
    ("{\"api_key\": \"a\\\"b\", \"c\": \"d\"}", "{\"api_key\": \"***\", \"c\": \"d\"}"),
    ("{\"m\":\"said password=\\\"a b\\\" here\"}", "{\"m\":\"said password=\\\"***\\\" here\"}"),
    ("{\"m\":\"said password=abc\",\"n\":1}", "{\"m\":\"said password=***\",\"n\":1}"),
    ("{\"m\":\"said secret: \\\\\",\"n\":1}", "{\"m\":\"said secret: ***\\\\\",\"n\":1}"),
    ("password='x' token='y'", "password='***' token='***'"), ("secret: ", "secret: ***"), ("secret=", "secret=***"),
    ("Authorization: Basic YWJj", "Authorization: ***"), ("the secret of success", "the secret of success"),
    ("tokens: 3", "tokens: 3"), ("http://a:b@c/d", "http://***@c/d"), ("unit@1.service", "unit@1.service"), ("", ""),
  ]) func whatLooksLikeASecretIsHiddenAndNothingElse(text: String, shown: String) {
    #expect(scrub(text) == shown)
  }

  @Test func knownSecretsAreHiddenWhereverTheyStand() {
    #expect(scrub("xpa55wordx pa55word\npa55word", "pa55word") == "x***x ***\n***")
    #expect(scrub("a longer-one", "longer", "longer-one") == "a ***")
    #expect(scrub("abc", "abc") == "abc", "a short one would be hidden in words that are none")
  }

  @Test func privateKeysAreHiddenToTheirEnds() {
    let text = "a\n-----BEGIN EC PRIVATE KEY-----\nMII\n-----END EC PRIVATE KEY-----\nb\n-----BEGIN CERTIFICATE-----\nc"
    #expect(scrub(text) == "a\n***\n***\n***\nb\n-----BEGIN CERTIFICATE-----\nc")
  }
}
