import Glibc
import Posix
import Synchronization
import Testing

@testable import Proxies

@Suite struct ProxyChooserTests {
  private static let script = "function FindProxyForURL(url, host) { return 'PROXY ' + host.charAt(0) + ':1; DIRECT'; }"

  struct Unreachable: Error, CustomStringConvertible { let description = "no connection" }

  /// A network of tables, with the real evaluator.
  final class Network: Sendable {
    let scratch: Scratch
    /// An error is a server that does not answer.
    let scripts: Mutex<[String: Result<String, Unreachable>]>
    let asked = Mutex<[String]>([])
    let said = Mutex<[String]>([])
    let now = Mutex<Int64>(1_000_000)

    init(_ scripts: [String: Result<String, Unreachable>] = [:]) throws {
      scratch = try Scratch()
      self.scripts = Mutex(scripts)
    }

    func chooser(
      _ settings: ProxySettings, hints: NetworkHints = NetworkHints(), names: Set<String> = []
    ) throws -> ProxyChooser {
      let table = PACNames(
        resolve: { name, _ in names.contains(name) ? [IPAddress(parsing: "10.0.0.1")].compactMap { $0 } : [] },
        own: { [] })
      return ProxyChooser(
        settings,
        ProxySurroundings(
          launch: .process(PACTest.slipway),
          bring: { url in
            self.asked.withLock { $0.append(url) }
            return try self.scripts.withLock { $0[url] }.map { Array(try $0.get().utf8) }
          }, cache: try scratch.folder(), hints: { hints }, names: table, clock: { self.now.withLock { $0 } },
          log: { line in self.said.withLock { $0.append(line) } }))
    }

    func decision(_ settings: ProxySettings, hints: NetworkHints = NetworkHints(), names: Set<String> = []) async throws
      -> String
    { try await chooser(settings, hints: hints, names: names).decision(for: "https://h.example/x").description }
  }

  private static let url = "http://w.example/p.pac"
  private static let autoscript = ProxySettings(.autoscript, script: .web(url))

  @Test func aScriptIsBroughtOnceAndDecides() async throws {
    let network = try Network([Self.url: .success(Self.script)])
    let chooser = try network.chooser(Self.autoscript)
    for (url, first) in [("https://a.example/", "a"), ("http://b.example:8080/x", "b"), ("https://a.example/y", "a")] {
      let decision = try await chooser.decision(for: url)
      #expect(decision.description == "PROXY \(first):1; DIRECT (autoscript: script \(Self.url))")
    }
    #expect(network.asked.withLock { $0 } == [Self.url])
    #expect(try network.scratch.folder().status("proxy-script")?.mode == 0o640)
  }

  @Test func aFreshScriptIsNotAskedForAgain() async throws {
    let network = try Network([Self.url: .success(Self.script)])
    _ = try await network.decision(Self.autoscript)
    network.now.withLock { $0 += 3599 }
    _ = try await network.decision(Self.autoscript)
    #expect(network.asked.withLock { $0.count } == 1)
    network.now.withLock { $0 += 1 }
    _ = try await network.decision(Self.autoscript)
    #expect(network.asked.withLock { $0.count } == 2)
    // A clock that was set back says nothing about age.
    network.now.withLock { $0 -= 10 }
    _ = try await network.decision(Self.autoscript)
    #expect(network.asked.withLock { $0.count } == 3)
  }

  @Test func theLastGoodScriptIsKeptAndTheLogSaysSo() async throws {
    let network = try Network([Self.url: .success(Self.script)])
    let good = try await network.decision(Self.autoscript)
    network.now.withLock { $0 += 90_000 }
    for failure in [Result<String, Unreachable>.failure(Unreachable()), nil] {
      network.scripts.withLock { $0[Self.url] = failure }
      #expect(try await network.decision(Self.autoscript) == good)
      #expect(network.said.withLock { $0.last }?.contains("brought 90000 s ago") == true)
    }
  }

  @Test func aScriptFromElsewhereIsNoLastGoodOne() async throws {
    let network = try Network([Self.url: .success(Self.script)])
    _ = try await network.decision(Self.autoscript)
    let other = ProxySettings(.autoscript, script: .web("http://other.example/p.pac"))
    let error = await #expect(throws: ProxyError.self) { try await network.decision(other) }
    #expect(error?.code == .scriptUnavailable && error?.message.contains("http://other.example/p.pac") == true)
  }

  @Test func withoutAScriptThereIsNoDecision() async throws {
    for result in [Result<String, Unreachable>.failure(Unreachable()), nil] {
      let network = try Network()
      network.scripts.withLock { $0[Self.url] = result }
      let error = await #expect(throws: ProxyError.self) { try await network.decision(Self.autoscript) }
      #expect(error?.code == .scriptUnavailable)
    }
    let network = try Network([Self.url: .success("function FindProxyForURL() { throw 'no' }")])
    let error = await #expect(throws: ProxyError.self) { try await network.decision(Self.autoscript) }
    #expect(error?.code == .evaluation && error?.message.contains(Self.url) == true)
  }

  @Test func aFileIsReadEachTime() async throws {
    let network = try Network()
    try network.scratch.write(Self.script, "p.pac")
    let source = ScriptSource.file(network.scratch.path.appending("p.pac").string)
    let decision = try await network.decision(ProxySettings(.autoscript, script: source))
    #expect(decision == "PROXY h:1; DIRECT (autoscript: script \(source))")
    #expect(network.asked.withLock { $0.isEmpty })
    // Nobody writes to it, and nobody waits for that.
    let pipe = network.scratch.path.appending("pipe").string
    #expect(mkfifo(pipe, 0o644) == 0)
    for path in [pipe, "/dev/zero", network.scratch.path.string] {
      let error = await #expect(throws: ProxyError.self) {
        try await network.decision(ProxySettings(.autoscript, script: .file(path)))
      }
      #expect(error?.code == .scriptUnavailable && error?.remedy.hasPrefix("\(path) must be a file") == true, "\(path)")
    }
    let missing = ProxySettings(.autoscript, script: .file("/nowhere/p.pac"))
    let error = await #expect(throws: ProxyError.self) { try await network.decision(missing) }
    #expect(error?.code == .scriptUnavailable && error?.remedy.contains("/nowhere/p.pac") == true)
  }

  private static let hints = NetworkHints(
    scripts: ["file:///etc/passwd", "http://dhcp.example/p.pac"], domains: ["lab.example.com", "example.org"])
  private static let lab = "http://wpad.lab.example.com/wpad.dat"
  private static let org = "http://wpad.example.org/wpad.dat"
  private static let dhcp = "http://dhcp.example/p.pac"

  @Test(
    arguments: [
      ([dhcp, lab, org], ["wpad.lab.example.com", "wpad.example.org"], [dhcp], dhcp),
      ([lab, org], ["wpad.lab.example.com", "wpad.example.org"], [dhcp, lab], lab),
      ([lab, org], ["wpad.example.org"], [dhcp, org], org), ([lab, org], [], [dhcp], nil),
    ] as [([String], Set<String>, [String], String?)])
  func dhcpComesBeforeNames(
    _ there: [String], _ names: Set<String>, _ asked: [String], _ used: String?
  ) async throws {
    let network = try Network(Dictionary(uniqueKeysWithValues: there.map { ($0, .success(Self.script)) }))
    let decision = try await network.decision(ProxySettings(.autodetect), hints: Self.hints, names: names)
    #expect(network.asked.withLock { $0 } == asked)
    let rule = used.map { "PROXY h:1; DIRECT (autodetect: script \($0))" }
    #expect(decision == rule ?? "DIRECT (autodetect: the network offers no proxy script)")
    if used == nil { #expect(network.said.withLock { $0.last }?.contains("reached directly") == true) }
  }

  /// A script that is there and cannot be had is trouble: going on without a proxy would be a guess.
  @Test func aServerThatDoesNotAnswerIsNoServerWithoutAScript() async throws {
    let network = try Network([Self.lab: .failure(Unreachable())])
    let names: Set = ["wpad.lab.example.com"]
    let error = await #expect(throws: ProxyError.self) {
      try await network.decision(ProxySettings(.autodetect), hints: Self.hints, names: names)
    }
    #expect(error?.code == .scriptUnavailable)
    network.scripts.withLock { $0[Self.lab] = .success(Self.script) }
    let good = try await network.decision(ProxySettings(.autodetect), hints: Self.hints, names: names)
    network.scripts.withLock { $0[Self.lab] = .failure(Unreachable()) }
    network.now.withLock { $0 += 4000 }
    #expect(try await network.decision(ProxySettings(.autodetect), hints: Self.hints, names: names) == good)
  }

  @Test func noneAndManualAskNobody() async throws {
    let network = try Network()
    #expect(try await network.decision(ProxySettings()) == "DIRECT (none: no proxy is set)")
    let manual = ProxySettings(.manual, servers: try ManualProxy.list("p:1"))
    #expect(try await network.decision(manual) == "PROXY p:1 (manual: servers p:1)")
    #expect(network.asked.withLock { $0.isEmpty })
  }

  @Test(arguments: ["ftp://a/", "a", "http://u:p@a/", "http:///"]) func onlyWebAddressesAreDecidedOn(_ url: String)
    async throws
  {
    let network = try Network()
    let chooser = try network.chooser(ProxySettings())
    let error = await #expect(throws: ProxyError.self) { try await chooser.decision(for: url) }
    #expect(error?.code == .address)
  }

  /// Neither has a script to ask; neither may come to mean "directly".
  @Test(arguments: [ProxyMode.autoscript, .environment]) func aModeWithoutItsParametersIsAnError(_ mode: ProxyMode)
    async throws
  {
    let network = try Network()
    await #expect(throws: ProxyError.self) { try await network.decision(ProxySettings(mode)) }
  }

  @Test func whatIsKeptReadsBack() throws {
    let kept = KeptScript(source: "http://a b/é", brought: 7, script: [0, 10, 255])
    #expect(KeptScript(parsing: kept.bytes) == kept)
    for text in ["", "7 http://a", "x http://a\n", "-1 http://a\n", "7\n", "\n"] {
      #expect(KeptScript(parsing: Array(text.utf8)) == nil)
    }
  }
}
