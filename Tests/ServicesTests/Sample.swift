import Product
import SystemPackage

@testable import Services

/// Values that several suites build on.
enum Sample {
  static func product(
    _ id: String = "room-agent", services: [AgentService] = [service()], data: [DataFolder] = [],
    name: String = "Room Agent", tpm: PrerequisiteRules.TPM = .ignored
  ) throws -> ProductManifest {
    ProductManifest(
      id: try ProductID(id), name: LocalizedText(name), publisher: "Example", version: try SemanticVersion("1.0.0"),
      platform: try Platform("linux-x86_64"), platforms: [try Platform("linux-x86_64")],
      prerequisites: PrerequisiteRules(tpm: tpm), services: services, data: data)
  }

  static func service(
    _ name: String = "agent", command: [String] = ["agent/run"], user: String = "room", hardening: Hardening = .standard
  ) -> AgentService {
    AgentService(name: name, command: command, user: user, hardening: hardening)
  }

  /// The lines of one generated unit.
  static func lines(_ unit: String, of product: ProductManifest) throws -> [String] {
    let all = try Units.all(product, UnitPaths(product.id))
    return all.first { $0.name == unit }?.text.split(separator: "\n").map(String.init) ?? []
  }
}
