import ArgumentParser
import CPosix
import Console
import Glibc
import Installation
import Product
import TPM
import TPMState
import Updating

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
    let layout = try options.installed()
    let served = try servedUser(layout)
    var peer: UInt32 = .max
    guard shim_peer_user(STDIN_FILENO, &peer) == 0 else {
      throw Failure(
        .usage, name: "usage", "standard input is no connected socket", remedy: "leave it to the unit's socket")
    }
    guard peer == served else { return Self.send(.refused(.user, "user \(peer) may not ask")) }
    var bound = timeval(tv_sec: Self.patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(STDIN_FILENO, SOL_SOCKET, option, &bound, socklen_t(MemoryLayout<timeval>.size))
    }
    // The end of all of it, for who sends a byte every nine seconds.
    alarm(Self.lifetime)
    do { try serve(layout) } catch {
      Self.send(.refused(.forGood, "\(error)"))
      throw error
    }
  }

  /// From this root's own accounts, not a directory service's. Whoever is not root can serve nobody but himself.
  private func servedUser(_ layout: Layout) throws -> UInt32 {
    guard geteuid() == 0 else { return geteuid() }
    if let account = Accounts(layout).find(user) { return account.user }
    throw Failure(
      .otherPrerequisite, name: "account", "there is no local user '\(user)'", remedy: "name one that is there")
  }

  private func serve(_ layout: Layout) throws {
    let file = IdentityFile(layout)
    guard let identity = try file.read() else {
      return Self.send(.refused(.forGood, "the device has no key yet ('slipway identity make')"))
    }
    let chain = try file.chain(for: identity.key)
    let tcti = try Configuration.load(layout).tpm
    for _ in 0..<Self.most {
      guard let frame = Self.receive() else { return }
      do throws(TPMError) {
        let request = try SignerRequest(encoded: frame)
        let reply = file.alone { TPMDevice.answer(request, with: identity, chain: chain, at: tcti) }
        Self.send(reply)
      } catch {
        // Who sends what is none of ours gets no second word.
        return Self.send(.refused(error))
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
