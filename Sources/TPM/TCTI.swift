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

  /// The ways that may be chosen. tpm2-tss knows more: one of them runs a shell command, another writes what it hears to
  /// a file.
  static let names: Set<String> = ["device", "swtpm", "mssim", "tabrmd"]

  /// Nil without a name that may be chosen or without what comes after the colon: tpm2-tss would go and look for some TPM
  /// by itself.
  public init?(_ text: String) {
    self.init(anyName: text)
    guard Self.names.contains(name) else { return nil }
  }

  init?(anyName text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, text.utf8.count <= 512, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
    else { return nil }
    self.init(name: String(parts[0]), configuration: String(parts[1]))
  }

  public var description: String { "\(name):\(configuration)" }

  /// The file of a device that the kernel gives.
  var devicePath: String? { name == "device" ? configuration : nil }
}
