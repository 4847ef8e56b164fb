import Product
import ProductTOML
import Proxies
import Testing

@Suite struct ConfigTOMLTests {
  @Test func readsEveryWish() throws {
    let fingerprint = String(repeating: "0f", count: 32)
    let text = """
      channel = "beta"
      channelAllowsDowngrade = true
      rings = ["early"]
      [pin]
      version = "1.4.2"
      allowDowngrade = true
      [proxy]
      mode = "manual"
      servers = ["proxy.example.com:3128", "https=socks5://10.0.0.1:8080"]
      bypass = ["<local>", ".example.com", "10.0.0.0/8"]
      script = "http://wpad.example.com/wpad.dat"
      [tpm]
      tcti = "device:/dev/tpm0"
      authorities = "/etc/slipway/room-agent/tpm-makers"
      endorsementKeys = ["\(fingerprint)"]
      [transport]
      caFile = "/etc/slipway/inspection.pem"
      [repository]
      metadata = ["http://mirror.local/m/"]
      targets = ["http://mirror.local/t/"]
      [updates]
      enabled = false
      interval = "30min"
      window = ["Mon..Fri 22:00..05:00"]
      deferMax = "7d"
      deferMaxCritical = "1h"
      keepVersions = 3
      bandwidth = "1MiB/s"
      """
    var expected = Configuration()
    expected.channel = "beta"
    expected.channelAllowsDowngrade = true
    expected.rings = ["early"]
    expected.pin = Configuration.Pin(SemanticVersion(1, 4, 2), allowDowngrade: true)
    expected.proxy = ProxySettings(
      .manual, servers: try ManualProxy.list("proxy.example.com:3128,https=socks5://10.0.0.1:8080"),
      bypass: try BypassRule.list("<local>,.example.com,10.0.0.0/8"), script: .web("http://wpad.example.com/wpad.dat"))
    expected.tcti = "device:/dev/tpm0"
    expected.tpmAuthorities = "/etc/slipway/room-agent/tpm-makers"
    expected.endorsementKeys = [fingerprint]
    expected.caFile = "/etc/slipway/inspection.pem"
    expected.metadata = ["http://mirror.local/m/"]
    expected.targets = ["http://mirror.local/t/"]
    expected.updatesOn = false
    expected.intervalSeconds = 1_800
    expected.window = ["Mon..Fri 22:00..05:00"]
    expected.deferMaxSeconds = 604_800
    expected.deferMaxCriticalSeconds = 3_600
    expected.keepVersions = 3
    expected.bandwidthBytesPerSecond = 1_048_576
    #expect(try ConfigTOML.parse(text, file: "config.toml") == expected)
    #expect(try ConfigTOML.parse(ConfigTOML.text(expected), file: "again") == expected)
  }

  @Test func whatIsWrittenReadsBackAsTheSame() throws {
    var wishes = Configuration()
    #expect(ConfigTOML.text(wishes).isEmpty)
    wishes.proxy = ProxySettings(.autoscript, script: .file("/srv/a'b/\u{e9}.pac"))
    wishes.updatesOn = false
    #expect(try ConfigTOML.parse(ConfigTOML.text(wishes), file: "f") == wishes)
  }

  /// Each would end the process inside the parser.
  @Test(arguments: [
    "[|x]", "[\nx]", "[ .x]", "[[,]]", "[#", "[\r\n", "x = [[1], [\n2]]\n[é]", "[=\n[x]", "x = [\n}", "x = [ 1, }",
    "[x]\ny = [[1], {a = [ # b\n}]",
  ])
  func whatTheParserWouldDieOfIsAnErrorWithItsLine(_ text: String) throws {
    let error = try #require(throws: ProductTOMLError.self) {
      try ConfigTOML.parse("channel = \"beta\"\n" + text, file: "config.toml")
    }
    #expect(error.code == .syntax && (error.line ?? 0) >= 2)
  }

  /// Some editors put one in front of everything.
  @Test func aByteOrderMarkHidesNothing() throws {
    #expect(try ConfigTOML.parse("\u{FEFF}channel = \"beta\"\n", file: "f").channel == "beta")
    for text in ["\u{FEFF}[|x]", "\u{FEFF}\u{FEFF}[\u{1}h]", "\u{FEFF}channel = \"beta\"\n\u{FEFF}[|x]"] {
      let error = try #require(throws: ProductTOMLError.self) { try ConfigTOML.parse(text, file: "f") }
      #expect(error.code == .syntax)
    }
  }

  @Test(arguments: ["[updates]", "[ updates ]", "[\t\"updates\"]", "['updates']"]) func aHeaderIsReadAsWritten(
    _ text: String
  ) throws {
    #expect(try ConfigTOML.parse(text + "\nenabled = true", file: "f").updatesOn == true)
  }

  @Test func anEmptyFileWishesNothing() throws {
    #expect(try ConfigTOML.parse("", file: "config.toml") == Configuration())
    #expect(try ConfigTOML.parse("pin = \"1.0.0\"", file: "f").pin == Configuration.Pin(SemanticVersion(1, 0, 0)))
    #expect(try ConfigTOML.parse("proxy.mode = \"none\"", file: "f").proxy == ProxySettings(.none))
  }

  @Test(
    arguments: [
      ("chanel = \"x\"", .unknownKey, 1, "chanel"), ("\nchannel = 3", .wrongType, 2, "channel"),
      ("channel = \"A\"", .invalidValue, 1, "channel"), ("pin = \"1.0\"", .invalidValue, 1, "pin"),
      ("pin = 1", .wrongType, 1, "pin"), ("[pin]\nallowDowngrade = true", .missingKey, 1, "pin.version"),
      ("[pin]\nversion = \"1.0.0+b\"", .invalidValue, 2, "pin.version"),
      ("[proxy]\nserver = \"x\"", .unknownKey, 2, "proxy.server"), ("[proxy]", .missingKey, 1, "proxy.mode"),
      ("[proxy]\nmode = \"pac\"", .invalidValue, 2, "proxy.mode"),
      ("[proxy]\nmode = \"manual\"", .invalidValue, 1, "proxy.servers"),
      ("[proxy]\nmode = \"manual\"\nservers = [\n\"a:1\",\n\"b\"]", .invalidValue, 5, "proxy.servers[1]"),
      ("[proxy]\nmode = \"none\"\nservers = [\"a\"]", .invalidValue, 3, "proxy.servers[0]"),
      ("[proxy]\nmode = \"none\"\nbypass = [\"a\", 1]", .wrongType, 3, "proxy.bypass[1]"),
      ("[proxy]\nmode = \"none\"\nbypass = [\"a\",\n\"10.0.0.1/8\"]", .invalidValue, 4, "proxy.bypass[1]"),
      ("[proxy]\nmode = \"autoscript\"", .missingKey, 1, "proxy.script"),
      ("[proxy]\nscript = \"wpad.dat\"\nmode = \"autoscript\"", .invalidValue, 2, "proxy.script"),
      ("[transport]", .missingKey, 1, "transport.caFile"),
      ("[transport]\ncaFile = \"ca.pem\"", .invalidValue, 2, "transport.caFile"),
      ("[transport]\nca = \"/ca.pem\"", .unknownKey, 2, "transport.ca"),
      ("[proxy]\nmode = \"environment\"", .invalidValue, 2, "proxy.mode"),
      ("[repository]\nmetadata = []", .invalidValue, 2, "repository.metadata"),
      ("[repository]\ntargets = [\"file:///x/\"]", .invalidValue, 2, "repository.targets[0]"),
      ("[updates]\nenabled = \"no\"", .wrongType, 2, "updates.enabled"),
      ("[updates]\ninterval = \"1s\"", .invalidValue, 2, "updates.interval"),
      ("[updates]\nkeepVersions = 1", .invalidValue, 2, "updates.keepVersions"),
      ("rings = [\"a\", \"a\"]", .invalidValue, 1, "rings[1]"), ("updates = off", .syntax, 1, ""),
    ] as [(String, ProductTOMLError.Code, Int, String)])
  func everyMistakeNamesItsKeyAndItsLine(
    _ text: String, _ code: ProductTOMLError.Code, _ line: Int, _ key: String
  ) {
    let error = #expect(throws: ProductTOMLError.self) { try ConfigTOML.parse(text, file: "config.toml") }
    #expect(error?.code == code, "\(String(describing: error))")
    #expect(error?.line == line)
    #expect(error?.key == key)
  }

  /// Each took longer than anybody waits.
  @Test(.timeLimit(.minutes(1)), arguments: [("", " = 1"), ("[", "]"), ("[[", "]]"), ("a = { ", " = 1 }")])
  func aKeyOfAnyNumberOfPartsIsAnError(_ before: String, _ after: String) throws {
    let key = String(repeating: "a.", count: 400_000) + "a"
    let error = try #require(throws: ProductTOMLError.self) {
      try ConfigTOML.parse("channel = \"beta\"\n" + before + key + after, file: "config.toml")
    }
    #expect(error.code == .syntax && error.line == 2)
  }

  /// Half a million of them end no process.
  @Test(arguments: ["[", "{ b = ", "[{ c = "]) func nestingWithoutAnEndIsAnError(_ opening: String) {
    let text = "a = " + String(repeating: opening, count: 500_000)
    #expect(throws: ProductTOMLError.self) { try ConfigTOML.parse(text, file: "config.toml") }
  }
}
