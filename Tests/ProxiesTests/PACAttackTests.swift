import Glibc
import Synchronization
import Testing

@testable import Proxies

/// Scripts that mean harm, or are merely broken beyond hope: each ends in an error, in bounded time and memory.
@Suite(.serialized) struct PACAttackTests {
  /// Shorter than the product's own, which differ in nothing else.
  private static let limits: PACLimits = {
    var limits = PACLimits()
    (limits.computing, limits.total, limits.memory) = (0.5, 1.5, 16 << 20)
    return limits
  }()

  @Test(arguments: [
    ("endless loop", "while (true) {}", "computed for more"),
    ("endless loop that catches everything", "while (true) try { while (true) {} } catch (e) {}", "computed for more"),
    ("endless finally", "for (;;) try { f() } catch (e) { continue } finally { continue }", "computed for more"),
    ("array that grows", "var a = []; while (true) a.push(new Uint8Array(1 << 16))", "bytes of memory"),
    ("string that doubles", "var s = 'a'; while (true) s += s", "bytes of memory"),
    ("huge buffer", "new Uint8Array(1 << 30)", "bytes of memory"),
    ("memory, over and over", "while (true) try { var a = []; while (true) a.push({}) } catch (e) {}", ""),
    ("regular expression that backtracks", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", "built-in"),
    ("pattern that backtracks", "shExpMatch('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+')", "built-in"),
    (
      "helper on a huge string",
      "var s = new Array(1 << 21).join('a'); while (true) shExpMatch(s, '*a*a*a*a*a*a*a*a*b')", "computed for more"
    ),
    ("a loop in the engine's own code", "Array.prototype.indexOf.call({ length: 2147483647 }, 1)", "built-in"),
    (
      "catching what is a loop in the engine's own code",
      "while (true) try { /^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab') } catch (e) {}", "built-in"
    ),
    ("alerts without end", "while (true) alert('x')", ""),
    ("look-ups without end", "for (var i = 0; ; i++) dnsResolve('host' + i)", "more than 32 name look-ups"),
    ("an error that loops when it is read", "throw { toString: function () { while (true) {} } }", ""),
  ])
  func isBounded(_ name: String, _ body: String, _ text: String) async throws {
    for script in ["function FindProxyForURL() { \(body); return 'DIRECT' }", "\(body)\nfunction FindProxyForURL() {}"]
    {
      var error: PACError?
      let time = await PACTest.seconds { error = await PACTest.error(script, limits: Self.limits) }
      let found = try #require(error, "\(name) ended well")
      #expect(found.code == .limit || text.isEmpty && found.code == .script, "\(name): \(found)")
      #expect(found.message.contains(text), "\(name): \(found)")
      #expect(time < 2.5, "\(name) took \(time) s")
    }
  }

  /// Nobody waits for the same limit again and again: not for the same server, and for a script that does not load, for
  /// none.
  @Test(arguments: [
    ("function FindProxyForURL(u, h) { while (h === 'bad') {} return 'DIRECT' }", true),
    ("while (true) {}", false),
  ])
  func aLimitIsRemembered(_ script: String, othersPass: Bool) async throws {
    var limits = Self.limits
    limits.memoryOfFailures = 60
    let evaluator = PACTest.evaluator(script, limits: limits)
    func ask(_ host: String) async -> PACError.Code? {
      do throws(PACError) { _ = try await evaluator.routes(for: "https://\(host)/", host: host) } catch {
        return error.code
      }
      return nil
    }
    #expect(await ask("bad") == .limit)
    let time = await PACTest.seconds {
      for _ in 0..<20 { #expect(await ask("bad") == .limit) }
    }
    #expect(time < 0.4, "\(time) s")
    #expect(await ask("good") == (othersPass ? nil : .limit))
  }

  /// These end in an exception of the engine's own, long before its process would.
  @Test(arguments: [
    ("recursion", "function f() { return f() + 1 } f()"),
    ("recursion through the engine", "function f() { [2, 1].sort(f); return 0 } f()"),
    ("recursion through toString", "var o = { toString: function () { return '' + o } }; '' + o"),
    ("deep JSON", "JSON.parse(new Array(100000).join('['))"),
    ("deep JSON out", "var a = []; for (var i = 0; i < 100000; i++) a = [a]; JSON.stringify(a)"),
    ("deep source", "eval(new Array(100000).join('('))"),
    ("deep functions", "eval(new Array(20000).join('function f(){') )"),
    ("deep pattern", "new RegExp(new Array(100000).join('('))"),
    ("deep matching", "/(?:a|b)*c/.test(new Array(100000).join('a'))"),
  ])
  func depthIsBounded(_ name: String, _ body: String) async throws {
    var error: PACError?
    let script = "function FindProxyForURL() {\n \(body); return 'DIRECT' }"
    let time = await PACTest.seconds { error = await PACTest.error(script) }
    let found = try #require(error, "\(name) ended well")
    #expect(found.code == .script && found.line != nil, "\(name): \(found)")
    #expect(time < 4, "\(name) took \(time) s")
  }

  @Test func aScriptThatIsTooLongIsNotStarted() async throws {
    let script = "function FindProxyForURL() { return 'DIRECT' }" + String(repeating: " ", count: 1 << 20)
    #expect(await PACTest.error(script) == PACError(.limit, source: "", ""))
  }

  /// What the process takes while a script tries to have it all: a little more than the script may.
  @Test func memoryIsBoundedAsTheKernelCountsIt() async throws {
    let evaluator = PACTest.evaluator(
      "function FindProxyForURL() { var kept = []; while (true) try { kept.push(new Uint8Array(1 << 12)) } "
        + "catch (e) {} }", limits: Self.limits)
    let report = try await evaluator.report()
    let before = try #require(Self.resident(report.process))
    let peak = Mutex(before)
    let question = Task { try await evaluator.routes(for: "https://a/", host: "a") }
    let watch = Task {
      while !Task.isCancelled, let now = Self.resident(report.process) {
        peak.withLock { $0 = max($0, now) }
        await Task.yield()
      }
    }
    await #expect(throws: PACError(.limit, source: "", "")) { try await question.value }
    watch.cancel()
    await watch.value
    let grown = peak.withLock { $0 } - before
    #expect(grown > 8 << 10, "\(grown) KiB")
    #expect(grown < 24 << 10, "\(grown) KiB")
    // Nothing of it is left.
    #expect(kill(pid_t(report.process), 0) == -1 && errno == ESRCH)
  }

  /// Resident KiB of a process; nil when it has gone.
  private static func resident(_ process: Int) -> Int? {
    PACConfinementTests.status(process)["VmRSS"].flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
  }
}
