import FoundationEssentials
import Product
import Testing

@Suite struct ProductManifestTests {
  @Test func survivesItsOwnEncodingAndEncodesTheSameBytesEachTime() throws {
    let manifest = try Sample.manifest()
    let bytes = try manifest.encoded()
    #expect(manifest.problems().map(\.description) == [])
    #expect(try ProductManifest.parse(bytes) == manifest)
    #expect(try ProductManifest.parse(bytes).encoded() == bytes)
    #expect(try ProductManifest(parsing: bytes).identity == manifest.identity)
  }

  @Test func knowsTheNameOfEveryKeyItWrites() throws {
    let object = try JSONDecoder().decode(JSONTree.self, from: Data(try Sample.manifest().encoded()))
    let dictionaries: Set<String> = [
      "name.byLanguage", "licence.byLanguage", "prerequisites.packages", "services.environment",
    ]
    #expect(object.keys(leaving: dictionaries) == ProductManifest.knownKeys)
  }

  @Test func fillsInWhatAMinimalManifestLeavesOut() throws {
    let manifest = try ProductManifest.parse(Array(minimal().utf8))
    #expect(manifest.updates == UpdateRules())
    #expect(manifest.updates.intervalSeconds == 3_600)
    #expect(manifest.updates.deferMaxSeconds == 1_209_600)
    #expect(manifest.updates.deferMaxCriticalSeconds == 14_400)
    #expect(manifest.updates.keepVersions == 2)
    #expect(manifest.services.first?.probationSeconds == 600)
    #expect(manifest.services.first?.hardening.isLoosened == false)
    #expect(manifest.channel == "stable")
    #expect(manifest.prerequisites == PrerequisiteRules())
    #expect(manifest.licence == nil)
  }

  @Test(
    arguments: [
      (minimal(extra: #""later":{"deep":[1]},"#), nil), (minimal(extra: #""requires":["updates.window"],"#), nil),
      (minimal(extra: #""requires":["services.probe.grpc"],"#), .unsupported),
      (minimal(extra: #""later":1,"requires":["later"],"#), .unsupported),
      (minimal(schema: "slipway.product/2"), .unsupported), (minimal(schema: "slipway.policy/1"), .unsupported),
      (minimal(probe: #""probe":{"grpc":{}},"#), .unsupported),
      (minimal(probe: #""probe":{"command":["x"],"http":{"url":"http://localhost/"}},"#), .invalid),
      (minimal(id: "Room"), .invalid), (minimal(version: "1.0"), .invalid),
      (minimal(extra: #""channel":"A B","#), .invalid),
      (minimal(extra: #""channel":7,"#), .malformed), (minimal(probe: #""probe":[],"#), .malformed),
      ("", .malformed), ("[]", .malformed), ("{", .malformed), ("{}", .malformed), ("null", .malformed),
      (#"{"schema":"slipway.product/1"}"#, .malformed), ("\u{0}", .malformed),
    ] as [(String, ProductError.Code?)])
  func readsOrRefusesWithTheRightCode(_ json: String, _ expected: ProductError.Code?) {
    var code: ProductError.Code?
    do { _ = try ProductManifest.parse(Array(json.utf8)) } catch { code = error.code }
    #expect(code == expected)
  }

  @Test func decodingErrorsNameThePlace() {
    let error = #expect(throws: ProductError.self) {
      try ProductManifest.parse(Array(minimal(probe: #""probationSeconds":"ten","#).utf8))
    }
    #expect(error?.key == "services[0].probationSeconds")
  }
}

private func minimal(
  schema: String = "slipway.product/1", id: String = "room-agent", version: String = "1.0.0", extra: String = "",
  probe: String = ""
) -> String {
  """
  {"schema":"\(schema)","id":"\(id)","name":{"text":"Room"},"publisher":"P",\(extra)"version":"\(version)",
  "platform":"linux-x86_64","platforms":["linux-x86_64"],
  "services":[{\(probe)"name":"agent","command":["agent/bin/a"],"user":"room"}]}
  """
}

/// Any JSON, to look at keys.
private indirect enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case other

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.singleValueContainer().decode([String: JSONTree].self) {
      self = .object(object)
    } else if let array = try? decoder.singleValueContainer().decode([JSONTree].self) {
      self = .array(array)
    } else {
      self = .other
    }
  }

  func keys(leaving dictionaries: Set<String>, at path: String = "") -> Set<String> {
    switch self {
    case .other: return []
    case .array(let elements):
      return elements.reduce(into: []) { $0.formUnion($1.keys(leaving: dictionaries, at: path)) }
    case .object(let members):
      if dictionaries.contains(path) { return [] }
      return members.reduce(into: []) { found, member in
        let key = path.isEmpty ? member.key : "\(path).\(member.key)"
        found.insert(key)
        found.formUnion(member.value.keys(leaving: dictionaries, at: key))
      }
    }
  }
}
