/// Where the TPM is, as tpm2-tss names it: `device:/dev/tpmrm0`, `swtpm:path=SOCKET`. The part before the colon says how it
/// is spoken to (tss2-tcti(7)).
public struct TCTI: Hashable, Sendable, CustomStringConvertible {
  /// The kernel's resource manager.
  public static let standard = TCTI(name: "device", configuration: "/dev/tpmrm0")

  public let name: String
  public let configuration: String

  private init(name: String, configuration: String) {
    self.name = name
    self.configuration = configuration
  }

  /// Nil without a name or without what comes after the colon: tpm2-tss would go and look for some TPM by itself.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 512,
      parts[0].utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }),
      text.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
    else { return nil }
    self.init(name: String(parts[0]), configuration: String(parts[1]))
  }

  public var description: String { "\(name):\(configuration)" }

  /// The file of a device that the kernel gives.
  var devicePath: String? { name == "device" ? configuration : nil }
}
