import Glibc
import Testing

@testable import Proxies

/// A script that fails is an error that names the place, and never a way around the proxy.
@Suite struct PACFailureTests {
  @Test(arguments: [
    // Chromium: these fail the script.
    ("function FindProxyForURL(url, host) {\n return 'DIRECT';\n", 3, "SyntaxError"),
    ("function FindProxyForURL() {\n var x = undefined_variable;\n return 'DIRECT'; }", 2, "undefined_variable"),
    ("function FindProxyForURL() {\n\n throw new Error('on purpose') }", 3, "on purpose"),
    ("function FindProxyForURL() {\n throw 'just text' }", nil, "just text"),
    ("function FindProxyFromURL() { return 'DIRECT' }", nil, "no function FindProxyForURL"),
    ("", nil, "no function FindProxyForURL"), ("var FindProxyForURL = 7;", nil, "no function FindProxyForURL"),
    ("\n\nfoo();\nfunction FindProxyForURL() { return 'DIRECT' }", 3, "foo"),
    // The script's line is named, also where a helper or the engine's own code is where it broke.
    ("function FindProxyForURL() {\n return isPlainHostName(null) }", 2, "isPlainHostName: argument 1"),
    ("function FindProxyForURL() {\n\n [].reduce(function () {}) }", 3, "TypeError"),
    // Newer than the engine's language, ECMAScript 5.
    ("const f = 1;\nvar FindProxyForURL = (url, host) => 'DIRECT';", 2, "SyntaxError"),
  ])
  func exceptionsNameTheirLine(_ script: String, _ line: Int?, _ text: String) async throws {
    let error = try #require(await PACTest.error(script))
    #expect(error.code == .script)
    #expect(error.line == line, "\(error)")
    #expect(error.message.contains(text), "\(error)")
    #expect(error.description.hasPrefix(PACTest.source + (line.map { ", line \($0): " } ?? ": ")))
  }

  @Test(arguments: [
    ("0", "answered 0"), ("undefined", "undefined"), ("null", "null"), ("{}", "[object Object]"), ("true", "true"),
    ("function () {}", "which is no string"), ("new String('DIRECT')", "which is no string"), ("['DIRECT']", "DIRECT"),
    ("'PROXY'", "'PROXY'"), ("'PROXY-foopy:10'", "'PROXY-foopy:10'"), ("'PROXY a:1; nonsense'", "'nonsense'"),
    ("'PROXY a:0'", "'PROXY a:0'"), ("'PROXY http://a:80'", "HOST:PORT"), ("'DIRECT x'", "DIRECT"),
    ("'PROXY \u{2603}:80'", "HOST:PORT"), ("new Array(2000).join('PROXY a;')", "over 8192 bytes"),
  ])
  func whatIsNoListOfRoutesIsAnError(_ answer: String, _ text: String) async throws {
    let error = try #require(await PACTest.error("function FindProxyForURL() { return \(answer) }"))
    #expect(error.code == .answer)
    #expect(error.message.contains(text), "\(error)")
  }

  @Test func afterAnErrorTheNextQuestionIsAnswered() async throws {
    let evaluator = PACTest.evaluator(
      "function FindProxyForURL(u, h) { if (h === 'bad') throw new Error('no'); return 'DIRECT' }")
    await #expect(throws: PACError(.script, source: "", "")) {
      try await evaluator.routes(for: "https://bad/", host: "bad")
    }
    #expect(try await evaluator.routes(for: "https://good/", host: "good") == [.direct])
  }

  @Test func anEvaluatorThatWasKilledIsReplaced() async throws {
    let evaluator = PACTest.evaluator("function FindProxyForURL() { return 'DIRECT' }")
    let first = try await evaluator.report().process
    #expect(kill(pid_t(first), SIGKILL) == 0)
    #expect(try await evaluator.routes(for: "https://a/", host: "a") == [.direct])
    #expect(try await evaluator.report().process != first)
  }

  @Test(arguments: [
    ("/nowhere/slipway", PACError.Code.unavailable, "cannot be started"), ("/bin/false", .lost, "ended"),
    ("/bin/echo", .lost, "ended"),
  ])
  func whatIsNoEvaluatorIsNamed(_ program: String, _ code: PACError.Code, _ text: String) async throws {
    let evaluator = PACEvaluator(script: [], source: "x.pac", launch: .process(.init(program)))
    do throws(PACError) {
      _ = try await evaluator.routes(for: "https://a/", host: "a")
      Issue.record("\(program) answered")
    } catch {
      #expect(error.code == code)
      #expect(error.message.contains(text), "\(error)")
      #expect(error.remedy.contains("slipway-pac"))
    }
  }

  @Test func aSocketThatNobodyListensAtIsNamed() async throws {
    let evaluator = PACEvaluator(script: [], source: "x.pac", launch: .socket("/nowhere/pac.sock"))
    await #expect(throws: PACError(.unavailable, source: "", "")) {
      try await evaluator.routes(for: "https://a/", host: "a")
    }
  }
}
