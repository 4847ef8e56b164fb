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

  @Test(arguments: [
    ("password = \"x y\"", "password = \"***\""), ("AWS_SECRET_ACCESS_KEY=x", "AWS_SECRET_ACCESS_KEY=***"),
    ("SECRET_KEY=x", "SECRET_KEY=***"), ("DB_PASS=x", "DB_PASS=***"), ("pwd=x", "pwd=***"), ("psk=x", "psk=***"),
    ("Cookie: session=x", "Cookie: ***"), ("Set-Cookie: a=x", "Set-Cookie: ***"), ("--password x", "--password ***"),
    ("password[0]=x", "password[0]=***"), ("token_value: x", "token_value: ***"),
    ("\"password\" => \"x\"", "\"password\" => \"***\""), ("<password>x</password>", "<password>***"),
    ("{\"password\":[\"x\",\"y\"],\"b\":1}", "{\"password\":\"***\",\"b\":1}"),
    ("{\"secret\":{\"a\":\"x\"},\"b\":1}", "{\"secret\":\"***\",\"b\":1}"), ("password=ab\"cd", "password=***"),
    ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.SflKxw now", "got *** now"),
    ("AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE", "***"), ("a?token%3Dx", "a?token%3D***"),
    ("/x?sig=x", "/x?sig=***"), ("/x?a=1&key=x", "/x?a=1&key=***"),
    ("bypass = [\"<local>\"]", "bypass = [\"<local>\"]"), ("signature: good", "signature: good"),
    ("compass: north", "compass: north"),
  ]) func theFormsThatSecretsHaveInFilesAndLogs(text: String, shown: String) {
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
