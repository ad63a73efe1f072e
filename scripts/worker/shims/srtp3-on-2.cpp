#include "srtp.h"
#include <algorithm>
#include <climits>

struct SrtpPolicy
{
	srtp_policy_v2_t inner{};
	// Master key and salt, one after the other, as libsrtp 2 wants them.
	unsigned char keyAndSalt[SRTP_MAX_KEY_LEN]{};

	~SrtpPolicy()
	{
		// Key material does not stay in freed memory. The volatile pointer keeps the compiler from dropping the writes.
		volatile unsigned char* byte = keyAndSalt;
		for (size_t i = 0; i < sizeof(keyAndSalt); ++i)
		{
			byte[i] = 0;
		}
	}
};

srtp_err_status_t srtp_policy_create(srtp_policy_t* created)
{
	auto* policy      = new SrtpPolicy;
	policy->inner.key = policy->keyAndSalt;
	*created          = policy;

	return srtp_err_status_ok;
}

void srtp_policy_destroy(srtp_policy_t policy)
{
	delete policy;
}

srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->inner.ssrc = ssrc;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const srtp_err_status_t forRtp = srtp_crypto_policy_set_from_profile_for_rtp(&policy->inner.rtp, profile);

	if (forRtp != srtp_err_status_ok)
	{
		return forRtp;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->inner.rtcp, profile);
}

// mediasoup never uses a master key identifier.
srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLength,
  const uint8_t* salt,
  size_t saltLength,
  const uint8_t* /*mki*/,
  size_t /*mkiLength*/)
{
	if (keyLength > sizeof(policy->keyAndSalt) || saltLength > sizeof(policy->keyAndSalt) - keyLength)
	{
		return srtp_err_status_bad_param;
	}

	std::copy_n(salt, saltLength, std::copy_n(key, keyLength, policy->keyAndSalt));

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->inner.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t packets)
{
	policy->inner.window_size = packets;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	const srtp_policy_v2_t* inner = &policy->inner;

	return srtp_create(session, inner);
}

srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrcInNetworkOrder)
{
	return srtp_remove_stream(session, ssrcInNetworkOrder);
}

using Transform = srtp_err_status_t (*)(srtp_t session, void* packet, int* length);

// Copies the packet to where it shall end and transforms it there. `trailer` is the most bytes that the transform
// may add: libsrtp 2 does not know the buffer's size, so the room is checked before it writes.
static srtp_err_status_t transformInto(
  Transform transform,
  size_t trailer,
  srtp_t session,
  const uint8_t* in,
  size_t inLength,
  uint8_t* out,
  size_t* outLength)
{
	if (inLength > INT_MAX || *outLength < trailer || inLength > *outLength - trailer)
	{
		return srtp_err_status_buffer_small;
	}

	if (in != out)
	{
		std::copy_n(in, inLength, out);
	}

	int length                     = static_cast<int>(inLength);
	const srtp_err_status_t status = transform(session, out, &length);

	if (status == srtp_err_status_ok)
	{
		*outLength = static_cast<size_t>(length);
	}

	return status;
}

srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* in, size_t inLength, uint8_t* out, size_t* outLength, size_t /*mkiIndex*/)
{
	const Transform transform = &srtp_protect;

	return transformInto(transform, SRTP_MAX_TRAILER_LEN, session, in, inLength, out, outLength);
}

srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* in, size_t inLength, uint8_t* out, size_t* outLength)
{
	const Transform transform = &srtp_unprotect;

	return transformInto(transform, 0, session, in, inLength, out, outLength);
}

// An SRTCP packet also grows by the four bytes of its index, which libsrtp 2 counts among the trailer or not
// depending on its version: allow for both.
srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLength, uint8_t* out, size_t* outLength, size_t /*mkiIndex*/)
{
	const Transform transform = &srtp_protect_rtcp;

	return transformInto(
	  transform, SRTP_MAX_TRAILER_LEN + sizeof(uint32_t), session, in, inLength, out, outLength);
}

srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLength, uint8_t* out, size_t* outLength)
{
	const Transform transform = &srtp_unprotect_rtcp;

	return transformInto(transform, 0, session, in, inLength, out, outLength);
}
