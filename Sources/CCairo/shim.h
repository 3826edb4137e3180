// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdint.h>

// Lengths are whole Pango units, 1/1024 of a point, so that the layout is integer arithmetic; only here they become
// what cairo wants.

static inline double amptill_points(int32_t units) { return units / 1024.0; }

static inline cairo_surface_t *amptill_pdf_surface(
    cairo_write_func_t write, void *closure, int32_t width, int32_t height) {
    return cairo_pdf_surface_create_for_stream(write, closure, amptill_points(width), amptill_points(height));
}

static inline void amptill_move_to(cairo_t *context, int32_t x, int32_t y) {
    cairo_move_to(context, amptill_points(x), amptill_points(y));
}

// Adds a rectangle to the path.
static inline void amptill_rectangle(cairo_t *context, int32_t x, int32_t y, int32_t width, int32_t height) {
    cairo_rectangle(context, amptill_points(x), amptill_points(y), amptill_points(width), amptill_points(height));
}

// The colour of what is drawn next: 0 is black, 100 is white.
static inline void amptill_set_grey(cairo_t *context, int32_t percent) {
    cairo_set_source_rgb(context, percent / 100.0, percent / 100.0, percent / 100.0);
}
