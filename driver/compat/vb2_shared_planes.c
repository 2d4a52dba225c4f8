// SPDX-License-Identifier: GPL-2.0
/* Whether the planes of a V4L2 buffer share one attachment. */
#include <media/videobuf2-core.h>

bool vb2_shared_planes_probe(struct vb2_plane *plane);

bool vb2_shared_planes_probe(struct vb2_plane *plane)
{
	return plane->dbuf_duplicated;
}
