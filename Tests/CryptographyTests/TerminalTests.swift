import Glibc
import Testing

@testable import Cryptography

/// OpenSSL asks the controlling terminal by itself where it can. Metadata that is read there must not make it.
@Suite struct TerminalTests {
  @Test func aPublicKeyThatClaimsAPassphraseAsksNobody() async {
    await #expect(processExitsWith: .success) {
      // A terminal of this process's own, and an answer that waits in it.
      guard setsid() >= 0 else { exit(2) }
      let near = open("/dev/ptmx", O_RDWR)
      var (number, locked): (CInt, CInt) = (0, 0)
      // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), macros that Swift does not see.
      guard near >= 0, ioctl(near, 0x4004_5431, &locked) == 0, ioctl(near, 0x8004_5430, &number) == 0 else { exit(3) }
      let far = open("/dev/pts/\(number)", O_RDWR)
      guard far >= 0, write(near, "pass\n", 5) == 5 else { exit(4) }
      let pem = """
        -----BEGIN PUBLIC KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,000102030405060708090A0B0C0D0E0F

        AAECAwQFBgcICQoLDA0ODw==
        -----END PUBLIC KEY-----

        """
      guard (try? PublicKey(pem: Array(pem.utf8))) == nil else { exit(5) }
      // The answer is echoed by the terminal; a question would come besides.
      _ = fcntl(near, F_SETFL, O_NONBLOCK)
      var shown = [UInt8](repeating: 0, count: 256)
      let count = read(near, &shown, shown.count)
      guard count <= 6 else { exit(6) }
    }
  }
}
