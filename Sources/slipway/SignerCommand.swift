import ArgumentParser
import CPosix
import Console
import Glibc
import Installation
import Product
import TPM

/// `slipway tpm-signer`: one connection, its standard input, for one user; signs digests and answers challenges with the
/// device's key. Others never need the right to open the TPM, which would let them clear it.
struct SignerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tpm-signer", abstract: "Sign with the device's key for one user (as the signer unit does).",
    discussion: "Example: slipway tpm-signer --product room-agent --user slipway-room-agent", shouldDisplay: false)

  /// Requests of one connection, and seconds that each side waits for the other.
  private static let most = 64
  private static let patience = 10
  /// Seconds that a connection lasts at most.
  private static let lifetime: UInt32 = 60

  @OptionGroup var options: Options
  @Option(help: "Who may ask.") var user: String

  func run() throws {
    guard let account = getpwnam(user) else {
      throw Failure(
        .otherPrerequisite, name: "account", "there is no user '\(user)'", remedy: "name one that is there")
    }
    var peer: UInt32 = .max
    guard shim_peer_user(STDIN_FILENO, &peer) == 0 else {
      throw Failure(
        .usage, name: "usage", "standard input is no connected socket", remedy: "leave it to the unit's socket")
    }
    guard peer == account.pointee.pw_uid else {
      return Self.send(.refused("user \(peer) may not ask"))
    }
    var bound = timeval(tv_sec: Self.patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(STDIN_FILENO, SOL_SOCKET, option, &bound, socklen_t(MemoryLayout<timeval>.size))
    }
    // The end of all of it, for who sends a byte every nine seconds.
    alarm(Self.lifetime)
    try serve()
  }

  private func serve() throws {
    let layout = try options.installed()
    guard let identity = try IdentityFile(layout).read() else {
      return Self.send(.refused("the device has no key yet ('slipway identity make')"))
    }
    let tcti = try Configuration.load(layout).tpm
    for _ in 0..<Self.most {
      guard let frame = Self.receive() else { return }
      do throws(TPMError) {
        let request = try SignerRequest(encoded: frame)
        Self.send(try TPMDevice(tcti).answer(request, with: identity))
      } catch {
        Self.send(.refused("\(error)"))
        // Who sends what is none of ours gets no second word.
        if error.code == .malformed { return }
      }
    }
  }

  /// A frame: the length in two bytes, then as many. nil at the end, or when the other side is slow or breaks the rules.
  private static func receive() -> [UInt8]? {
    guard let length = take(2) else { return nil }
    let count = Int(length[0]) << 8 | Int(length[1])
    return 1...SignerRequest.limit ~= count ? take(count) : nil
  }

  private static func take(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { recv(STDIN_FILENO, $0.baseAddress?.advanced(by: done), count - done, 0) }
      guard got > 0 else { return nil }
      done += got
    }
    return bytes
  }

  private static func send(_ reply: SignerReply) {
    let body = reply.encoded
    let frame = [UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    var done = 0
    while done < frame.count {
      let put = frame.withUnsafeBytes {
        Glibc.send(STDIN_FILENO, $0.baseAddress?.advanced(by: done), frame.count - done, Int32(MSG_NOSIGNAL))
      }
      guard put > 0 else { return }
      done += put
    }
  }
}
